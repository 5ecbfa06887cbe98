import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { fillCrm } from '../../src/demo/crm.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** docs/sql/backup-role.sql: enough to back everything up, and to do nothing else. */

const script = await readFile(
  fileURLToPath(new URL('../../docs/sql/backup-role.sql', import.meta.url)),
  'utf8',
);
afterAll(stopServers);

test.each([15, 18])('the role of the script, on PostgreSQL %i', async (major) => {
  const ownerUrl = await newDatabase(major);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  await fillCrm(client, { seed: 4, enquiries: 30, now: new Date('2026-11-01T00:00:00Z') });
  // A schema that nobody else may enter, a large object, and a table made after the role.
  await client.query(
    `CREATE SCHEMA closed; REVOKE ALL ON SCHEMA closed FROM PUBLIC; CREATE TABLE closed.pay (a int);
     INSERT INTO closed.pay VALUES (1); SELECT lo_from_bytea(0, '\\x2550')`,
  );
  await run((await server(major)).url, script);
  await run((await server(major)).url, `ALTER ROLE holdfast_backup PASSWORD 'only-in-this-test'`);
  await client.query('CREATE TABLE closed.later (a int); INSERT INTO closed.later VALUES (2)');
  await client.end();

  const url = new URL(ownerUrl);
  url.username = 'holdfast_backup';
  url.password = 'only-in-this-test';
  await using place = await openWorkplace();
  const taken = await place.backup(url.href);
  const asOwner = await place.backup(ownerUrl);
  expect(taken.receipt.contentRoot).toBe(asOwner.receipt.contentRoot);
  const verified = await place.verify(taken.id);
  expect(verified.checked).toMatchObject([{ rung: 'readable' }]);

  for (const forbidden of [
    `INSERT INTO closed.pay VALUES (3)`,
    `SET default_transaction_read_only = off; DELETE FROM closed.pay`,
    `SET default_transaction_read_only = off; DROP TABLE closed.pay`,
    `SET default_transaction_read_only = off; CREATE TABLE public.mine (a int)`,
    `SELECT pg_read_file('postgresql.conf')`,
    `COPY (SELECT 1) TO PROGRAM 'true'`,
    `SET default_transaction_read_only = off; CREATE ROLE another`,
  ])
    await expect(run(url.href, forbidden), forbidden).rejects.toThrow(/permission denied|must be|read-only/);
});
