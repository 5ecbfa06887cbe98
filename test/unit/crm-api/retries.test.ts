import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { backup } from '../../../src/backup.ts';
import { openCrm } from '../../../src/dump/crm/open-crm.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import { backupInDatabase } from '../../../src/in-database.ts';
import type { BackupRecord } from '../../../src/ledger/record.ts';
import { apiKey, backUp, type FakeCrm, json, startFakeCrm } from '../../support/fake-crm.ts';
import { failing } from '../../support/fault-server.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

/** What passes is waited for, with one and the same key; what a CRM limits or cannot give is told as what it is. */

let crm: FakeCrm;
let place: Workplace;
beforeAll(async () => {
  crm = await startFakeCrm();
});
afterAll(() => crm[Symbol.asyncDispose]());
beforeEach(async () => {
  place = await openWorkplace();
  crm.reset();
});
afterEach(() => place[Symbol.asyncDispose]());

const read = async () => ((await place.deps.ledger.read()) ?? []) as BackupRecord[];
const sent = (name: string) => crm.received.map(({ headers }) => headers[name]);
const unavailable = (headers = {}) => ({ kind: 'status', status: 503, headers }) as const;

test('a backup is asked for once, with the key, and brought out', async () => {
  const { receipt } = await backUp(place, crm.api());
  expect(crm.received.map(({ line, body }) => [line, body])).toEqual([
    ['PATCH /api/admin/backup', '{"trigger":"scheduled"}'],
    [`GET /api/admin/backup/${crm.lastId}`, ''],
  ]);
  expect(sent('x-api-key')).toEqual([apiKey, apiKey]);
  expect(receipt).toMatchObject({ source: 'crm-api', rows: 4, tables: 2, serverMajor: 15 });
  expect(receipt.snapshotAt).toBe(crm.document['timestamp']);
  const [record] = await read();
  expect(record).toMatchObject({ outcome: 'succeeded', inDatabase: null });
  expect(record!.result).toMatchObject({ source: 'crm-api', requests: 1, emptyTables: 0 });
  expect(JSON.stringify([record, receipt])).not.toMatch(new RegExp(`${apiKey}|enquiries|127.0.0.1`));
});

test('503s and broken connections pass; the tries have one key and are in the ledger', async () => {
  let tries = 0;
  crm.server.fault = ({ method }) => {
    if (method !== 'PATCH') return null;
    tries += 1;
    return [unavailable(), { kind: 'drop-after' } as const, { kind: 'cut' } as const][tries - 1] ?? null;
  };
  await backUp(place, crm.api());
  expect((await read())[0]!.result!.requests).toBe(4);
  expect(crm.pausesMs).toEqual([2000, 4000, 8000]);
  const keys = crm.received
    .filter(({ line }) => line.startsWith('PATCH'))
    .map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  await backUp(place, crm.api());
  expect(new Set(sent('idempotency-key').filter(Boolean)).size).toBe(2);
});

test('a download is tried again too', async () => {
  let tries = 0;
  crm.server.fault = ({ method }) => (method === 'GET' && ++tries < 3 ? { kind: 'cut' } : null);
  await backUp(place, crm.api());
  expect(tries).toBe(3);
  expect((await read())[0]!.result!.requests).toBe(1);
});

test('a server that says when to come back is heeded, up to two minutes', async () => {
  crm.server.fault = failing(1, 'PATCH /api', {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '7' },
  });
  await backUp(place, crm.api());
  expect(crm.pausesMs).toEqual([7000]);
  crm.server.fault = failing(1, 'PATCH /api', {
    kind: 'status',
    status: 409,
    headers: { 'retry-after': '10' },
  });
  await backUp(place, crm.api());
  expect(crm.pausesMs).toEqual([7000, 10_000]);
  crm.server.fault = failing(1, 'PATCH /api', unavailable({ 'retry-after': '3600' }));
  await expect(backUp(place, crm.api())).rejects.toMatchObject({ name: 'SourceError' });
  expect(crm.pausesMs).toHaveLength(2);
});

test('what does not pass ends after five tries', async () => {
  crm.server.fault = () => unavailable();
  await expect(backUp(place, crm.api())).rejects.toThrow(/status 503/);
  expect(crm.server.requests.filter((line) => line.startsWith('PATCH')).slice(-5)).toHaveLength(5);
  expect(crm.pausesMs).toHaveLength(4);
  expect(await read()).toMatchObject([
    { outcome: 'failed', reason: 'the CRM answered with status 503 (tried 5 times)', inDatabase: null },
  ]);
});

test('a CRM that never answers is given up', async () => {
  crm.server.fault = () => ({ kind: 'hang' });
  await expect(backUp(place, crm.api({ timeoutMs: 30 }))).rejects.toThrow(/did not answer in 1 seconds/);
  expect(crm.pausesMs).toHaveLength(4);
});

test('asked to stop, it stops, in a request as in a pause', async () => {
  crm.server.fault = ({ method }) => {
    if (method === 'PATCH') place.stopping.abort();
    return { kind: 'hang' };
  };
  await expect(backUp(place, crm.api())).rejects.toThrow('Interrupted');
  expect(crm.pausesMs).toEqual([]);
});

test('events are told to the CRM as they are, everything else as scheduled', async () => {
  for (const trigger of ['form_submission', 'enquiry_update', 'critical_operation', 'workflow_dispatch']) {
    await backUp(place, crm.api(), trigger);
  }
  const triggers = crm.received.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body).trigger);
  expect(triggers).toEqual(['form_submission', 'enquiry_update', 'critical_operation', 'scheduled']);
});

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const skipped = { skipped: true, reason: 'too soon', nextAllowedAt: ago(-20) };

test('where the CRM made none because of its limit, the newest of the last hour is taken', async () => {
  crm.onPatch = (response) => json(response, 200, skipped);
  crm.document = { ...crm.document, timestamp: ago(40) };
  crm.onList = (response, { metadata }) =>
    json(response, 200, {
      backups: [
        { id: 9, status: false, created_at: ago(10) },
        { id: 7, status: true, created_at: ago(50) },
        { ...metadata, id: 8 },
      ],
    });
  const { receipt } = await backUp(place, crm.api(), 'form_submission');
  expect(crm.received.at(-1)!.line).toBe('GET /api/admin/backup/8');
  expect(receipt.snapshotAt).toBe(crm.document['timestamp']);
});

test('and where that is older, or not known, there is no backup', async () => {
  crm.onPatch = (response) => json(response, 200, skipped);
  for (const list of [[{ id: 7, created_at: ago(70) }], { backups: [] }, { data: [{ id: 7 }] }]) {
    crm.onList = (response) => json(response, 200, list);
    await expect(backUp(place, crm.api())).rejects.toThrow(
      /because of a limit of its own, and allows the next one at/,
    );
  }
  // A list that lies about the time of its backup.
  crm.document = { ...crm.document, timestamp: ago(80) };
  crm.onList = (response) => json(response, 200, [{ id: 7, createdAt: ago(10) }]);
  await expect(backUp(place, crm.api())).rejects.toThrow(/timestamp/);
  expect((await read()).map(({ result }) => result)).toEqual([null, null, null, null]);
});

test('without a download the backup is recorded as inside the database only', async () => {
  const api = crm.api({ downloadPath: 'off' });
  const made = await backupInDatabase(place.deps, { database: 'crm', crm: api });
  expect(made).toMatchObject({ crmBackupId: String(crm.lastId), inDatabase: { sizeBytes: 1024 } });
  expect(crm.received).toHaveLength(1);
  const [record] = await read();
  expect(record).toMatchObject({
    outcome: 'succeeded',
    result: null,
    backupId: null,
    inDatabase: made.inDatabase,
  });
  const [facts] = gatherFacts(await read(), ['crm']);
  expect(facts).toMatchObject({ newestGood: null, notOffSiteSince: made.inDatabase.at });
});

test('a store that fails leaves the backup inside the database only', async () => {
  const broken = { ...place.deps.stores[0]!, put: () => Promise.reject(new Error('the disk is gone')) };
  const options = { database: 'crm', recipients: null, holdfast: 'test', open: openCrm(crm.api()) };
  await expect(backup({ ...place.deps, stores: [broken] }, options)).rejects.toThrow();
  expect(await read()).toMatchObject([{ outcome: 'failed', result: null, inDatabase: { sizeBytes: 1024 } }]);
});
