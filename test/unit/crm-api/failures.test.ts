import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { evaluate } from '../../../src/health/evaluate.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import { policySchema } from '../../../src/health/policy.ts';
import type { BackupRecord } from '../../../src/ledger/record.ts';
import type { HoldfastError } from '../../../src/lib/errors.ts';
import { listBackups } from '../../../src/store/receipts.ts';
import {
  type Answering,
  apiKey,
  backUp,
  type FakeCrm,
  json,
  send,
  startFakeCrm,
} from '../../support/fake-crm.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

/** Whatever a CRM answers that is not the backup it has just made: the attempt fails, and nothing is stored. */

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

const loginPage = '<!DOCTYPE html><html><body><form>Log in</form></body></html>';
const redirect =
  (location: string): Answering =>
  (response) => {
    response.writeHead(307, { location });
    response.end();
  };
/** The document with something changed. */
const altered =
  (changes: Record<string, unknown>): Answering =>
  (response, { document }) =>
    json(response, 200, { ...document, ...changes });
const without =
  (name: string): Answering =>
  (response, { document }) =>
    json(response, 200, { ...document, [name]: undefined });
const refused =
  (status: number): Answering =>
  (response) =>
    json(response, status, { success: false, message: `not so, ${apiKey}\n::error::` });
const withHeaders =
  (headers: Record<string, string>): Answering =>
  (response, { bytes }) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(bytes);
  };
const cutShort: Answering = (response, { bytes }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.write(bytes.subarray(0, 60), () => response.socket?.resetAndDestroy());
};
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

type Case = [string, 'onPatch' | 'onDownload', Answering, HoldfastError['name'], RegExp];
const cases: Case[] = [
  ['a login page', 'onPatch', (r) => send(r, 200, 'text/html', loginPage), 'ConfigError', /web page/],
  [
    'a login page as JSON',
    'onPatch',
    (r) => send(r, 200, 'application/json', loginPage),
    'ConfigError',
    /web page/,
  ],
  [
    'a redirect to the login page',
    'onPatch',
    redirect('/login?token=secret'),
    'ConfigError',
    /redirects .* to http:\/\/127.0.0.1:\d+\/login \(307\)/,
  ],
  ['an empty answer', 'onPatch', (r) => send(r, 200, 'application/json', ''), 'IntegrityError', /is empty/],
  ['no content', 'onPatch', (r) => r.writeHead(204).end(), 'SourceError', /status 204/],
  [
    'no JSON',
    'onPatch',
    (r) => send(r, 200, 'application/json', '{"success": tr'),
    'IntegrityError',
    /no JSON/,
  ],
  ['a list', 'onPatch', (r) => json(r, 200, []), 'IntegrityError', /no JSON object/],
  ['no id', 'onPatch', (r) => json(r, 200, { success: true }), 'IntegrityError', /no id/],
  [
    'a failure',
    'onPatch',
    (r) => json(r, 200, { success: false, backup: { id: 1 } }),
    'SourceError',
    /not complete/,
  ],
  [
    'a failed row',
    'onPatch',
    (r) => json(r, 201, { backup: { id: 1, status: 'FAILED' } }),
    'SourceError',
    /not complete/,
  ],
  [
    'one under way',
    'onPatch',
    (r) => json(r, 201, { id: 1, status: 'pending' }),
    'SourceError',
    /not complete/,
  ],
  ['202', 'onPatch', (r) => json(r, 202, { id: 1 }), 'SourceError', /status 202/],
  ['400', 'onPatch', refused(400), 'SourceError', /status 400.*not so, \*\*\* ::error::/],
  ['401', 'onPatch', refused(401), 'ConfigError', /refused the API key/],
  ['403', 'onPatch', refused(403), 'ConfigError', /does not let this API key/],
  ['404', 'onPatch', refused(404), 'ConfigError', /no such route/],
  ['405', 'onPatch', refused(405), 'ConfigError', /does not take this method/],
  [
    'an endless answer',
    'onPatch',
    (r) => send(r, 200, 'application/json', Buffer.alloc(5 << 20, ' ')),
    'SourceError',
    /larger than/,
  ],
  ['a login page', 'onDownload', (r) => send(r, 200, 'text/html', loginPage), 'ConfigError', /web page/],
  ['a redirect to the login page', 'onDownload', redirect('/login'), 'ConfigError', /redirects/],
  [
    'an empty body',
    'onDownload',
    (r) => send(r, 200, 'application/json', ''),
    'IntegrityError',
    /(empty|digest)/,
  ],
  ['a body cut by the connection', 'onDownload', cutShort, 'SourceError', /broke the connection off/],
  [
    'a body cut before it was sent',
    'onDownload',
    (r, { bytes }) => send(r, 200, 'application/json', bytes.subarray(0, 60)),
    'IntegrityError',
    /digest/,
  ],
  [
    'the wrong content type',
    'onDownload',
    (r, { bytes }) => send(r, 200, 'text/plain', bytes),
    'IntegrityError',
    /content type/,
  ],
  [
    'a wrong digest',
    'onDownload',
    withHeaders({ 'x-content-digest': `sha256:${'0'.repeat(64)}` }),
    'IntegrityError',
    /digest/,
  ],
  [
    'a wrong RFC digest',
    'onDownload',
    withHeaders({ 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }),
    'IntegrityError',
    /digest/,
  ],
  ['another id', 'onDownload', withHeaders({ 'x-backup-id': '3' }), 'IntegrityError', /gave backup 3/],
  ['401', 'onDownload', refused(401), 'ConfigError', /refused the API key/],
  ['404', 'onDownload', refused(404), 'ConfigError', /no such route/],
  ['405', 'onDownload', refused(405), 'ConfigError', /does not take this method/],
];

const read = async () => ((await place.deps.ledger.read()) ?? []) as BackupRecord[];

/** The attempt failed, says so in public words, left nothing behind, and nothing anywhere shows the key. */
async function expectFailure(attempt: Promise<unknown>, name: string, message: RegExp) {
  const error = (await attempt.then(
    () => null,
    (thrown) => thrown,
  )) as HoldfastError;
  expect(error).toMatchObject({ name, message: expect.stringMatching(message) });
  expect(`${error.message} ${error.hint}`).not.toContain(apiKey);
  expect(error.message).not.toMatch(/\n|token=/);
  const [record] = await read();
  expect(record).toMatchObject({ outcome: 'failed', errorKind: name, result: null, backupId: null });
  expect(record!.reason).toMatch(/\bCRM/);
  expect(JSON.stringify(await read())).not.toContain(apiKey);
  expect(await listBackups(place.deps.stores[0]!, 'crm')).toEqual([]);
  const health = evaluate(gatherFacts(await read(), ['crm']), policySchema.parse({}), Date.now());
  expect(health.state).not.toBe('good');
}

for (const [what, where, answering, name, message] of cases) {
  const asked = where === 'onPatch' ? 'PATCH' : 'the download';
  test(`${asked} answers with ${what}: a failed backup`, async () => {
    crm[where] = answering;
    await expectFailure(backUp(place, crm.api()), name, message);
  });
}

/** By a CRM that says no more of its backup than the id: then the document itself has to tell. */
const documents: [string, Answering, RegExp][] = [
  ['is no JSON', (r, { bytes }) => send(r, 200, 'application/json', bytes.subarray(0, 60)), /cut short/],
  ['is no UTF-8', (r) => send(r, 200, 'application/json', Buffer.from('{"a":"\xff"}', 'latin1')), /no JSON/],
  ['is a list', (r) => json(r, 200, [1]), /no JSON object/],
  ['is null', (r) => json(r, 200, null), /no JSON object/],
  ['is an error', (r) => json(r, 200, { error: 'no' }), /timestamp/],
  ['has no enquiries', without('enquiries'), /enquiries is no list of rows/],
  ['has no staff', without('staff'), /staff is no list/],
  ['has no timestamp', without('timestamp'), /timestamp is no time/],
  ['has no version', without('version'), /version is not there/],
  ['has no trigger', without('trigger'), /trigger is not there/],
  ['has a version to come', altered({ version: '2.0' }), /version is none/],
  ['has a time without its zone', altered({ timestamp: '2026-11-22T02:00:00' }), /zone/],
  ['is old', altered({ timestamp: hoursAgo(25) }), /before it was asked for/],
  ['is of a few minutes ago', altered({ timestamp: hoursAgo(0.1) }), /before it was asked for/],
  ['is of tomorrow', altered({ timestamp: hoursAgo(-25) }), /still to come/],
  ['has null for enquiries', altered({ enquiries: null }), /no list of rows/],
  ['has a number among its rows', altered({ enquiries: [1.5] }), /no row/],
  ['has something else in it', altered({ comment: 'x' }), /comment is no list of rows/],
  ['has a table of a strange name', altered({ 'a b': [] }), /no name of a table/],
  ['has a column of no name', altered({ staff: [{ '': 1 }] }), /no name of a column/],
  ['has a column too long', altered({ staff: [{ ['é'.repeat(32)]: 1 }] }), /no name of a column/],
  [
    'is another one in its row',
    (r, { document }) => json(r, 200, { id: 3, data: document }),
    /gave backup 3/,
  ],
];

for (const [what, answering, message] of documents) {
  test(`a document that ${what} is a failed backup`, async () => {
    crm.onPatch = (response) => json(response, 201, { id: 17 });
    crm.onDownload = answering;
    await expectFailure(backUp(place, crm.api()), 'IntegrityError', message);
    const [record] = await read();
    // The CRM has its backup, inside the database that it is to save.
    expect(record!.inDatabase).toMatchObject({ sizeBytes: null });
  });
}

test('a document that is not the one described is a failed backup', async () => {
  crm.onPatch = (response, { metadata }) => json(response, 201, { ...metadata, digest: undefined });
  crm.onDownload = altered({ enquiries: [] });
  await expectFailure(backUp(place, crm.api()), 'IntegrityError', /holds 0 enquiries, and the CRM counted 3/);
  crm.onPatch = (response) => json(response, 201, { id: 17, created_at: hoursAgo(3) });
  crm.onDownload = null;
  await expect(backUp(place, crm.api())).rejects.toThrow(/backup 17 was made at/);
});

test('the key goes to no other address', async () => {
  await using elsewhere = await startFakeCrm();
  crm.onDownload = redirect(`${elsewhere.server.url}/api/admin/backup/17`);
  await expectFailure(backUp(place, crm.api()), 'ConfigError', /the API key goes to no other address/);
  expect(elsewhere.received).toEqual([]);
});

/** As `fetch` says it; DNS is not on loopback. */
const failing = (code: string) => ({
  ...crm.api({ appUrl: 'https://crm.invalid' }),
  fetch: async () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
  },
});

test('a host that does not exist, a wrong certificate, a port that speaks no TLS, and one that is closed', async () => {
  await expectFailure(backUp(place, failing('ENOTFOUND')), 'ConfigError', /no host crm.invalid/);
  await expect(backUp(place, failing('CERT_HAS_EXPIRED'))).rejects.toThrow(
    /certificate \(CERT_HAS_EXPIRED\)/,
  );
  const noTls = crm.api({ appUrl: crm.server.url.replace('http:', 'https:') });
  await expect(backUp(place, noTls)).rejects.toThrow(/no valid certificate/);
  await expect(backUp(place, crm.api({ appUrl: 'http://127.0.0.1:1' }))).rejects.toThrow(/can be no CRM/);
  const closed = await startFakeCrm();
  await closed[Symbol.asyncDispose]();
  await expect(backUp(place, closed.api())).rejects.toThrow(/could not be reached \(ECONNREFUSED\)/);
  expect(closed.pausesMs).toEqual([2000, 4000, 8000, 16_000]);
  expect((await read()).map(({ outcome }) => outcome)).toEqual(Array(5).fill('failed'));
  expect(crm.received).toEqual([]);
});

test('enquiries that were there yesterday and are gone are no good backup until somebody says so', async () => {
  await backUp(place, crm.api());
  crm.refill(0);
  const { anomaly } = await backUp(place, crm.api());
  expect(anomaly).toMatchObject({
    verdict: 'quarantine',
    findings: [{ rule: 'emptied', value: 0, median: 3 }],
  });
  const health = evaluate(gatherFacts(await read(), ['crm']), policySchema.parse({}), Date.now());
  expect(health.reasons.map(({ code }) => code)).toContain('quarantine');
  expect(gatherFacts(await read(), ['crm'])[0]!.newestGood!.id).toBe((await read())[0]!.backupId);
});

test('a CRM that never had any enquiries is well', async () => {
  crm.refill(0);
  await backUp(place, crm.api());
  const { anomaly } = await backUp(place, crm.api());
  expect(anomaly!.verdict).toBe('learning');
});
