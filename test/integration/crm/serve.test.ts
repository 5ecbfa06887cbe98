import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBackupEndpoint } from '../../../src/crm/mount.ts';
import { serveCrm } from '../../../src/crm/serve.ts';
import { apiKey, type CrmUnderTest, openCrm } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

let crm: CrmUnderTest;
const stopping = new AbortController();
let served: { url: string; closed: Promise<void> };

beforeAll(async () => {
  crm = await openCrm();
  const endpoint = createBackupEndpoint({
    pool: crm.pool,
    apiKey,
    audit: (event) => void crm.events.push(event),
  });
  served = await serveCrm({ endpoint, port: 0, signal: stopping.signal });
});
afterAll(async () => {
  stopping.abort();
  await served.closed;
  await crm[Symbol.asyncDispose]();
  await stopServers();
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${served.url}/api/admin/backup${path}`, {
    ...init,
    headers: { 'x-api-key': apiKey, ...init.headers },
  });

test('the whole round over HTTP', async () => {
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const made = await ask('', { method: 'PATCH', body: '{"trigger": "form_submission"}' });
  expect(made.status).toBe(201);
  const { backup } = await made.json();
  expect(
    await (await ask('', { method: 'PATCH', body: '{"trigger": "form_submission"}' })).json(),
  ).toMatchObject({ skipped: true });
  const file = await ask(`/${backup.id}`);
  expect(file.headers.get('x-content-digest')).toBe(backup.digest);
  expect((await file.json()).enquiries).toHaveLength(3);
  const restored = await ask(`/${backup.id}/restore`, { method: 'POST', body: '{"confirm": "RESTORE"}' });
  expect(await restored.json()).toMatchObject({ success: true, tables: { staff: { before: 2, after: 2 } } });
  expect((await (await ask('')).json()).statistics.count).toBe(2);
  expect((await ask('/1', { method: 'DELETE' })).status).toBe(405);
  expect((await ask('', { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
  expect((await fetch(served.url)).status).toBe(401);
});

test('a large backup arrives whole', async () => {
  await crm.sql(
    `INSERT INTO enquiries (name) SELECT repeat(md5(i::text), 30) FROM generate_series(1, 20000) i`,
  );
  const { backup } = await (await ask('', { method: 'POST' })).json();
  expect(backup.size_kb).toBeGreaterThan(19_000);
  const bytes = await (await ask(`/${backup.id}`)).arrayBuffer();
  expect(Math.ceil(bytes.byteLength / 1024)).toBe(backup.size_kb);
  await crm.sql('DELETE FROM enquiries WHERE id > 3');
});

test('who asks is known from the connection, not from a header', async () => {
  crm.events.length = 0;
  await ask('', { headers: { 'x-forwarded-for': '8.8.8.8' } });
  expect(crm.events.map(({ address }) => address)).toEqual(['127.0.0.1']);
});

/** Sends bytes as they are; gives what came back until the end. */
async function raw(text: string, end = false): Promise<string> {
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  socket.on('error', () => {});
  let all = '';
  socket.on('data', (part) => {
    all += part;
  });
  socket.write(text);
  if (end) socket.end();
  await once(socket, 'close');
  return all;
}

const head = (length: number) =>
  `POST /api/admin/backup HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-api-key: ${apiKey}\r\nContent-Length: ${length}\r\n\r\n`;

test('a body cut off by the network makes no backup', async () => {
  const before = await crm.sql('SELECT count(*) FROM backups');
  await raw(`${head(100)}{"trigger": "half`, true);
  // The next answer comes after the server is done with the one before.
  expect((await ask('')).status).toBe(200);
  expect(await crm.sql('SELECT count(*) FROM backups')).toEqual(before);
});

test('a body announced as too large is refused unread', async () => {
  expect(await raw(head(1e9))).toMatch(/^HTTP\/1\.1 413 /);
});

test.each([
  'GET http://evil/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'GET //evil/api/admin/backup HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  'nonsense\r\n\r\n',
])('%j does not end the server', async (text) => {
  expect(await raw(text)).not.toMatch(/^HTTP\/1\.1 [23]/);
  expect((await ask('')).status).toBe(200);
});

test('a port that is taken is an error', async () => {
  const port = Number(new URL(served.url).port);
  const again = serveCrm({ endpoint: { handle: async () => new Response() }, port, signal: stopping.signal });
  await expect(again).rejects.toThrow(/EADDRINUSE/);
});

test('it ends when asked to, with requests still running', async () => {
  const own = new AbortController();
  const never = await serveCrm({
    endpoint: { handle: () => new Promise<Response>(() => {}) },
    port: 0,
    signal: own.signal,
  });
  const hanging = fetch(never.url).catch(() => 'cut off');
  setTimeout(() => own.abort(), 100);
  await never.closed;
  expect(await hanging).toBe('cut off');
});
