import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArchive } from '../../../src/archive/reader.ts';
import { type BackupResult, backup } from '../../../src/backup.ts';
import { createBackupEndpoint } from '../../../src/crm/mount.ts';
import { serveCrm } from '../../../src/crm/serve.ts';
import { openCrm as openSource } from '../../../src/dump/crm/open-crm.ts';
import { exportBackup } from '../../../src/export.ts';
import { evaluate } from '../../../src/health/evaluate.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import { policySchema } from '../../../src/health/policy.ts';
import { missingRecords } from '../../../src/ledger/rebuild.ts';
import { crmOf } from '../../../src/open-crm.ts';
import { restoreTest } from '../../../src/restore-test.ts';
import { findCopies } from '../../../src/store/find.ts';
import { openArchive } from '../../../src/store/open-archive.ts';
import { takeBackup } from '../../../src/take-backup.ts';
import { missingByHand, unpackByHand } from '../../support/by-hand.ts';
import { config as cliConfig, openCliFolder } from '../../support/cli.ts';
import { load } from '../../support/config-file.ts';
import { apiKey, type CrmUnderTest, openCrm } from '../../support/crm-endpoint.ts';
import { backUp, startFakeCrm } from '../../support/fake-crm.ts';
import { newDatabase, run, server, stopServers } from '../../support/servers.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

/** The real endpoint over HTTP, its backup as an archive, and the archive proved. */

const tables = `
  CREATE TABLE staff (id serial PRIMARY KEY, email text NOT NULL UNIQUE, rate numeric(12,2));
  CREATE TABLE enquiries (id bigint PRIMARY KEY, staff_id int REFERENCES staff, text text, amount numeric, big bigint,
    done boolean, at timestamptz, doc jsonb, tags text[], raw bytea, score double precision);
  INSERT INTO staff (email, rate) VALUES ('ada@crm.test', 1.50), ('bob@crm.test', NULL);
  INSERT INTO enquiries VALUES
    (1, 1, E'Küche 🐘\\ttab \\\\N \\\\. \\nline', 12345678901234567890.10, 9007199254740993, true, '2026-01-02 03:04:05.6+02',
      '{"n": 12345678901234567890.10, "a": [1.50, null, {"b": "\\"\\\\"}]}', '{a,NULL,"b c"}', '\\x00ff', 0.1),
    (2, NULL, '', 0.10, -1, false, 'infinity', '"text"', '{}', '', 'NaN'),
    (3, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0.5);`;

let crm: CrmUnderTest;
let place: Workplace;
let appUrl: string;
let taken: BackupResult;
const stopping = new AbortController();
beforeAll(async () => {
  crm = await openCrm({ sql: tables });
  const endpoint = createBackupEndpoint({ pool: crm.pool, apiKey, audit: () => {} });
  appUrl = (await serveCrm({ endpoint, port: 0, signal: stopping.signal })).url;
  place = await openWorkplace();
  taken = (await takeBackup(place.deps, configured(), 'crm', env())) as BackupResult;
});
afterAll(async () => {
  stopping.abort();
  await place[Symbol.asyncDispose]();
  await crm[Symbol.asyncDispose]();
  await stopServers();
});

const env = () => ({ CRM_URL: appUrl, CRM_KEY: apiKey, DATABASE_URL: crm.url });
const configured = (more = '') =>
  load(`
databases:
  crm: { source: crm-api, app-url: "\${CRM_URL}", api-key: "\${CRM_KEY}"${more} }
stores:
  disk: { type: directory, path: backups }
encryption: { recipients: [${place.recipient}] }
`).config;
const records = async () => (await place.deps.ledger.read()) ?? [];
const download = async (id: string | number) =>
  Buffer.from(
    await (
      await fetch(`${appUrl}/api/admin/backup/${id}`, { headers: { 'x-api-key': apiKey } })
    ).arrayBuffer(),
  );
const newestId = async () => Number((await crm.sql('SELECT max(id) AS id FROM backups'))[0]!['id']);

test('what the endpoint made is in the store, readable, and restores: the page is well', async () => {
  expect(taken.receipt).toMatchObject({ source: 'crm-api', tables: 2, rows: 5, serverMajor: 15 });
  expect((await place.verify()).checked).toMatchObject([{ rung: 'readable' }]);
  const { comparison } = await place.restoreTest();
  expect(comparison).toMatchObject({
    tables: 2,
    rows: 5,
    differentTables: [],
    schema: { verdict: 'applied' },
  });
  expect(comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
  const health = evaluate(gatherFacts(await records(), ['crm']), policySchema.parse({}), Date.now());
  expect(health).toMatchObject({ state: 'good', reasons: [] });
  expect(gatherFacts(await records(), ['crm'])[0]!.newestGood).toMatchObject({
    id: taken.id,
    rung: 'restored',
  });
});

test('any later server proves it too', async () => {
  const scratch = { kind: 'url', url: await newDatabase(18) } as const;
  const options = { database: 'crm', id: taken.id, identities: [place.identity], scratch };
  expect((await restoreTest(place.deps, options)).comparison.contentRoot.actual).toBe(
    taken.receipt.contentRoot,
  );
});

test('the JSON is in the archive bit for bit, and an export gives its rows back', async () => {
  const original = await download(await newestId());
  const [copy] = await findCopies(place.deps.stores, 'crm', taken.id);
  const options = { receipt: copy!.receipt, identities: [place.identity] };
  let kept: Buffer | null = null;
  for await (const { name, bytes } of readArchive(await openArchive(copy!, place.deps.signal), options)) {
    if (name === 'source/document.json.zst') kept = await promisify(zstdDecompress)(bytes);
  }
  expect(kept).toEqual(original);
  const out = join(place.folder, 'out.json');
  const wanted = { database: 'crm', id: taken.id, identities: [place.identity], format: null };
  await exportBackup(place.deps, { ...wanted, out, all: false, force: false });
  const [exported, before] = [JSON.parse(await readFile(out, 'utf8')), JSON.parse(original.toString())];
  expect(exported).toMatchObject({ enquiries: before.enquiries, staff: before.staff, version: '1.0' });
  expect(exported.timestamp).toBe(before.timestamp);
});

test('with a database URL the row is read there, and no download is asked for', async () => {
  await crm.sql('TRUNCATE backup_audit');
  const config = configured(', url: "${DATABASE_URL}", download-path: "off"');
  const { receipt } = (await takeBackup(place.deps, config, 'crm', env())) as BackupResult;
  expect(receipt.contentRoot).toBe(taken.receipt.contentRoot);
  const operations = await crm.sql('SELECT DISTINCT operation FROM backup_audit');
  expect(operations).toEqual([{ operation: 'backup' }]);
  const elsewhere = {
    ...crmOf(config, 'crm', env())!,
    database: { url: await newDatabase(18), label: 'other' },
  };
  const options = { database: 'crm', recipients: null, holdfast: 'test', open: openSource(elsewhere) };
  await expect(backup(place.deps, options)).rejects.toThrow(/public.backups does not exist/);
  expect((await records()).at(-1)).toMatchObject({
    outcome: 'failed',
    inDatabase: { sizeBytes: expect.any(Number) },
  });
});

test('a limit of the CRM: the backup that is there is taken, by either way', async () => {
  const run = { ...place.deps.run, trigger: 'form_submission' };
  const deps = { ...place.deps, run };
  const first = (await takeBackup(deps, configured(), 'crm', env())) as BackupResult;
  const count = await newestId();
  for (const config of [configured(), configured(', url: "${DATABASE_URL}"')]) {
    const again = (await takeBackup(deps, config, 'crm', env())) as BackupResult;
    expect(again.receipt.snapshotAt).toBe(first.receipt.snapshotAt);
  }
  expect(await newestId()).toBe(count);
});

test('an answer that got lost costs no second backup', async () => {
  const before = await newestId();
  const api = crmOf(configured(), 'crm', env())!;
  let asked = 0;
  const losing: typeof fetch = async (...request) => {
    const answer = await fetch(...request);
    asked += 1;
    if (asked > 1) return answer;
    await answer.arrayBuffer();
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });
  };
  const patience = { ...api.patience, sleep: async () => {} };
  const open = openSource({ ...api, fetch: losing, patience });
  await backup(place.deps, { database: 'crm', recipients: null, holdfast: 'test', open });
  expect(await newestId()).toBe(before + 1);
  expect((await records()).at(-1)!.result).toMatchObject({ requests: 2 });
});

test('wrong keys, and a role that lacks rights, are told as what they are', async () => {
  const wrong = { ...env(), CRM_KEY: 'some other key of sixteen' };
  await expect(takeBackup(place.deps, configured(), 'crm', wrong)).rejects.toThrow(/refused the API key/);
  await crm.sql('ALTER TABLE staff RENAME TO people');
  try {
    const api = crmOf(configured(), 'crm', env())!;
    const open = openSource({ ...api, patience: { ...api.patience, sleep: async () => {} } });
    const options = { database: 'crm', recipients: null, holdfast: 'test', open };
    await expect(backup(place.deps, options)).rejects.toThrow(/status 500.*no table public.staff/);
  } finally {
    await crm.sql('ALTER TABLE people RENAME TO staff');
  }
});

test('the command line takes one, and one that stays inside', async () => {
  await using folder = await openCliFolder();
  const yaml = cliConfig(folder.recipient);
  const source = 'source: crm-api\n    app-url: ${CRM_URL}\n    api-key: ${CRM_KEY}';
  await folder.configure(yaml.replace('url: ${DATABASE_URL}', source));
  const out = await folder.holdfast(['backup', '--json'], env());
  expect(out).toMatchObject({ code: 0, stderr: expect.stringContaining('of the CRM') });
  expect(JSON.parse(out.stdout).backups).toMatchObject([{ receipt: { rows: 5, source: 'crm-api' } }]);
  await folder.configure(yaml.replace('url: ${DATABASE_URL}', `${source}\n    download-path: off`));
  const inside = await folder.holdfast(['backup'], env());
  expect(inside).toMatchObject({ code: 0, stdout: expect.stringContaining('inside its own database only') });
  expect(inside.stderr).toContain('would be lost with it');
  expect(await folder.ledger()).toMatchObject([
    { inDatabase: null },
    { result: null, inDatabase: { at: expect.any(String) } },
  ]);
  expect(`${JSON.stringify(await folder.ledger())}${out.stderr}${inside.stderr}`).not.toContain(apiKey);
});

test('it can take no database’s place', async () => {
  const target = await newDatabase(18);
  await expect(place.restore(target, { id: taken.id, mode: 'new' })).rejects.toThrow(
    /of the CRM's own making/,
  );
  expect(await run(target, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
});

test('a ledger made anew of receipts knows where it came from', async () => {
  const [copy] = await findCopies(place.deps.stores, 'crm', taken.id);
  const [record] = missingRecords(
    [{ receipt: copy!.receipt, store: { name: 'disk', kind: 'directory' } }],
    [],
  );
  expect(record!.result!.source).toBe('crm-api');
});

test('values that PostgreSQL has no type for are proved all the same', async () => {
  await using fake = await startFakeCrm();
  await using other = await openWorkplace();
  const text = `{"enquiries": [{"id": 1, "nul": "\\u0000", "half": "\\ud800", "e": 1e5, "minus": -0, "mixed": [1.50, {"x\\ty": "\\n"}]},
    {"id": 18446744073709551616, "e": 0.1, "mixed": null, "Weird \\"na\\nme\\"": "a\\\\b"}], "staff": [{}, {}], "notes": [],
    "timestamp": "${new Date().toISOString()}", "version": "1.0", "trigger": "x"}`;
  fake.onPatch = (response) => {
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end('{"id": "clx1"}');
  };
  fake.onDownload = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(text);
  };
  const { receipt } = await backUp(other, fake.api());
  expect(receipt).toMatchObject({ tables: 3, rows: 4 });
  const scratch = { kind: 'url', url: (await server(18)).urlOf('postgres') } as const;
  const options = { database: 'crm', id: 'latest', identities: [other.identity], scratch };
  const { comparison } = await restoreTest(other.deps, options);
  expect(comparison).toMatchObject({ rows: 4, contentRoot: { actual: receipt.contentRoot } });
});

describe.skipIf(missingByHand.length > 0)('by hand', () => {
  test('the commands of its README give the rows, and the JSON', async () => {
    const target = await newDatabase(18);
    const { folder, sh } = await unpackByHand(place, taken.id, target);
    expect(await readFile(join(folder, 'README.txt'), 'utf8')).toContain('zstd -dc source/document.json.zst');
    expect(sh('bash restore.sh "$target"')).toContain('done');
    const document = JSON.parse(sh('zstd -dc source/document.json.zst'));
    const rows = await run(
      target,
      `SELECT id, text, amount #>> '{}' AS amount, big, doc FROM enquiries ORDER BY id`,
    );
    expect(rows.map(({ text }) => text)).toEqual(document.enquiries.map((row: { text: string }) => row.text));
    expect(rows[0]).toMatchObject({ amount: '12345678901234567890.10', doc: document.enquiries[0].doc });
  });

  test('the commands of docs/crm-source.md bring it back into a CRM that was lost', async () => {
    const docs = await readFile(new URL('../../../docs/crm-source.md', import.meta.url), 'utf8');
    const commands = /^zstd -dc [\s\S]*?^SQL$/m.exec(docs)![0];
    await using anew = await openCrm({ sql: tables.replace(/INSERT[\s\S]*/, '') });
    const id = execFileSync('bash', ['-euo', 'pipefail', '-c', commands.replace('psql', 'psql -XAtq')], {
      cwd: join(place.folder, 'by-hand'),
      env: { ...process.env, TARGET: anew.url },
      encoding: 'utf8',
    }).trim();
    const { status, body } = await anew.send('POST', `/${id}/restore`, { confirm: 'RESTORE' });
    expect([status, body.tables?.enquiries?.after]).toEqual([200, 3]);
    expect(await anew.copyText('enquiries', 'staff')).toEqual(await crm.copyText('enquiries', 'staff'));
  });
});
