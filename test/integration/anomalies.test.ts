import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { accept } from '../../src/accept.ts';
import type { BackupOptions } from '../../src/backup.ts';
import { evaluate } from '../../src/health/evaluate.ts';
import { gatherFacts } from '../../src/health/facts.ts';
import { policySchema } from '../../src/health/policy.ts';
import { silent } from '../../src/lib/progress.ts';
import { readTablePseudonyms } from '../../src/source/postgres/table-pseudonyms.ts';
import { majors, newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

afterAll(stopServers);

const crm = `
  CREATE TABLE customers (id int PRIMARY KEY, name text);
  INSERT INTO customers SELECT i, 'Ada ' || i FROM generate_series(1, 1234) i;
  CREATE TABLE notes (id int, body text);
  INSERT INTO notes SELECT i, repeat('note ', 20) || i FROM generate_series(1, 4000) i;
  CREATE TABLE visits (at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE visits_new PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
  INSERT INTO visits SELECT '2024-06-01'::date + i FROM generate_series(1, 500) i;
  CREATE TABLE staff (id int);
`;

/** Backs up as the log of a public or a private run would show it. */
async function backupWithLog(place: Workplace, url: string, options: Partial<BackupOptions> = {}) {
  const log: string[] = [];
  place.deps.progress = { ...silent, warn: (text) => log.push(text) };
  const result = await place.backup(url, options);
  return { ...result, log: log.join('\n') };
}

const factsNow = async (place: Workplace) =>
  gatherFacts((await place.deps.ledger.read())!, ['crm'], { now: Date.now() })[0]!;

describe.each(majors)('pseudonyms on PostgreSQL %i', (major) => {
  const pseudonymsAs = async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await readTablePseudonyms(client);
    } finally {
      await client.end();
    }
  };
  const asRole = (url: string, role: string) =>
    Object.assign(new URL(url), { username: role, password: role }).href;

  test('are stable, differ between databases, and take partitions for their table', async () => {
    const [url, other] = [await newDatabase(major), await newDatabase(major)];
    await run(url, crm);
    const [first, again, elsewhere] = [
      await pseudonymsAs(url),
      await pseudonymsAs(url),
      await pseudonymsAs(other),
    ];
    const customers = { schema: 'public', name: 'customers' };
    expect(first!.of(customers)).toMatch(/^[0-9a-f]{12}$/);
    expect(again!.of(customers)).toBe(first!.of(customers));
    expect(again!.keyId).toBe(first!.keyId);
    expect(elsewhere!.keyId).not.toBe(first!.keyId);
    expect(elsewhere!.of(customers)).not.toBe(first!.of(customers));
    const root = { schema: 'public', name: 'visits' };
    expect(first!.of({ schema: 'public', name: 'visits_old' })).toBe(first!.of(root));
    expect(first!.nameOf({ schema: 'public', name: 'visits_new' })).toBe('public.visits');
    // No other cut of the same letters is the same table.
    expect(first!.of({ schema: 'public.a', name: 'b' })).not.toBe(
      first!.of({ schema: 'public', name: 'a.b' }),
    );
  });

  test('a role without privileges has the same; where it may not know the server there are none', async () => {
    const url = await newDatabase(major);
    const role = `plain_${major}`;
    await run((await server(major)).url, `CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
    const owner = await pseudonymsAs(url);
    expect((await pseudonymsAs(asRole(url, role)))!.keyId).toBe(owner!.keyId);
    await run(url, 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
    expect(await pseudonymsAs(asRole(url, role))).toBeNull();
  });
});

test('an emptied table holds the backup back until somebody accepts it', async () => {
  await using place = await openWorkplace();
  const url = await newDatabase(18);
  await run(url, crm);
  const first = await backupWithLog(place, url);
  expect(first).toMatchObject({ log: '', anomaly: { verdict: 'learning', n: 0 } });

  await run(url, 'TRUNCATE customers; DROP TABLE visits_old; ALTER TABLE staff ADD name text, ADD role text');
  const held = await backupWithLog(place, url);
  expect(held.anomaly).toMatchObject({
    verdict: 'quarantine',
    tables: 'compared',
    comparedWith: first.id,
    findings: [
      { rule: 'emptied', median: 1234, tables: { count: 1, worst: [{ rows: 0, median: 1234 }] } },
      {},
    ],
    schema: { changed: true },
  });
  expect(held.log).toContain('1 table that had 1,234 rows is empty now (compared with 1 backup).');
  expect(held.log).toMatch(/a migration may explain it: 1 table fewer, 1 column more/);
  expect(held.log).toContain(`${held.id} is QUARANTINED.`);
  expect(held.copies).toHaveLength(1);
  expect((await place.verify(held.id)).checked).toMatchObject([{ rung: 'readable' }]);

  const facts = await factsNow(place);
  expect(facts).toMatchObject({ newestGood: { id: first.id }, unusual: { verdict: 'quarantine' } });
  const codes = evaluate([facts], policySchema.parse({}), Date.now()).reasons.map((reason) => reason.code);
  expect(codes).toContain('quarantine');

  const accepted = await accept(place.deps, {
    database: 'crm',
    id: 'latest',
    reason: 'moved to the archive',
  });
  expect(accepted).toMatchObject({ id: held.id, stillQuarantined: [] });
  expect(await factsNow(place)).toMatchObject({ newestGood: { id: held.id }, unusual: null });
  expect((await backupWithLog(place, url)).anomaly).toMatchObject({ verdict: 'learning', n: 1 });
});

test('what the public sees has no name; a private log has those that are known', async () => {
  await using place = await openWorkplace();
  const url = await newDatabase(18);
  await run(url, crm);
  await place.backup(url);
  await run(url, 'TRUNCATE customers');
  const open = await backupWithLog(place, url);
  const closed = await backupWithLog(place, url, { nameTables: true });
  expect(closed.log).toContain('public.customers');

  const month = `${open.receipt.snapshotAt.slice(0, 7)}.ndjson`;
  const ledger = await readFile(join(place.folder, 'ledger', month), 'utf8');
  const document = JSON.stringify(await factsNow(place));
  for (const text of [open.log, ledger, document]) {
    expect(text).toContain('1');
    for (const name of ['customers', 'notes', 'visits', 'staff', 'public.']) expect(text).not.toContain(name);
  }
});

test('a role that may not know the server still has its totals compared', async () => {
  await using place = await openWorkplace();
  const url = await newDatabase(18);
  await run(
    url,
    `${crm} REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
    CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE pg_read_all_data`,
  );
  const reader = Object.assign(new URL(url), { username: 'reader', password: 'reader' }).href;
  const first = await place.backup(reader);
  expect(first.anomaly).toMatchObject({ tables: 'unknown' });
  await run(url, 'TRUNCATE customers');
  expect((await place.backup(reader)).anomaly).toMatchObject({
    verdict: 'warning',
    findings: [{ series: 'filledTables', rule: 'emptied' }],
  });
  const [record] = (await place.deps.ledger.read())!;
  expect(record).toMatchObject({
    result: { tableRows: null, pseudonymKey: null, schemaParts: { tables: { count: 6, digest: null } } },
  });
});

test('only what is unusual can be accepted, by words that can be published', async () => {
  await using place = await openWorkplace();
  const url = await newDatabase(18);
  const empty = await place.backup(url);
  expect(empty.anomaly).toMatchObject({ verdict: 'quarantine', findings: [{ rule: 'no-tables' }] });
  const accepting = (id: string, reason = 'fine') => accept(place.deps, { database: 'crm', id, reason });
  await expect(accepting(empty.id, 'two\nlines')).rejects.toThrow('one line of at most 200');
  await expect(accepting('crm-20200101T000000Z-aaaa')).rejects.toThrow('knows of no backup');
  await accepting(empty.id);
  await expect(accepting(empty.id)).rejects.toThrow('accepted already');
  await expect(accepting('latest')).rejects.toThrow('no unusual backup');
  await run(url, crm);
  const filled = await place.backup(url);
  expect(filled.anomaly).toMatchObject({ verdict: 'warning', findings: [{ rule: 'cold-start' }, {}] });
  await accepting('latest');
  await expect(accepting((await place.backup(url)).id)).rejects.toThrow('not unusual');
});
