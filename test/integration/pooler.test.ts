import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, SourceError } from '../../src/lib/errors.ts';
import { connect, disconnect } from '../../src/source/postgres/connect.ts';
import { refuseSharedSessions } from '../../src/source/postgres/preflight.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { missingTools } from '../support/tools.ts';
import { openWorkplace } from '../support/workplace.ts';

/** A real PgBouncer in between: refused where it shares server sessions, of use where it does not. */

const missing = missingTools('poolers', 'pgbouncer');
afterAll(stopServers);

async function filled(): Promise<string> {
  const url = await newDatabase(15);
  await run(url, `CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i`);
  return url;
}

async function rawClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

describe.skipIf(missing.length > 0)('a pooler that shares sessions', () => {
  const sharing: Record<string, Record<string, string | number>> = {
    'transaction mode': { pool_mode: 'transaction' },
    'transaction mode, sessions in turn': {
      pool_mode: 'transaction',
      server_round_robin: 1,
      min_pool_size: 8,
    },
    'transaction mode, a single session': { pool_mode: 'transaction', default_pool_size: 1 },
    'statement mode': { pool_mode: 'statement' },
  };
  test.each(Object.keys(sharing))('%s is refused before anything is read', async (mode) => {
    const url = await filled();
    await using pooler = await startPgBouncer(url, sharing[mode]!);
    await using place = await openWorkplace();
    const refused = await place.backup(pooler.url).catch((error) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused.exitCode).toBe(2);
    expect(refused.message).toMatch(/pooler that shares server sessions.*Nothing was read or written/);
    expect(refused.hint).toMatch(/URL of the server itself.*session mode/);
    expect(refused.publicReason).toBe('the database URL leads to a pooler in transaction mode');
    expect(await readdir(place.folder)).toEqual(['ledger']);
    // The pooler keeps its server sessions open, and each shows the last thing it was asked.
    const asked = await run(
      url,
      `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const { query } of asked)
      expect(query).toMatch(/^(|BEGIN READ ONLY|ROLLBACK|SELECT pg_catalog.pg_backend_pid.*)$/);
  });

  test('the sessions of its other clients keep their settings', async () => {
    await using pooler = await startPgBouncer(await filled(), {
      pool_mode: 'transaction',
      default_pool_size: 1,
    });
    const [before] = await run(pooler.url, 'SHOW search_path');
    await expect(connect({ url: pooler.url, label: 'test' })).rejects.toThrow('shares server sessions');
    expect((await run(pooler.url, 'SHOW search_path'))[0]).toEqual(before);
    expect((await run(pooler.url, 'SHOW row_security'))[0]).toEqual({ row_security: 'on' });
  });

  test('while other clients keep it busy', async () => {
    await using pooler = await startPgBouncer(await filled(), {
      pool_mode: 'transaction',
      default_pool_size: 6,
    });
    const clients = await Promise.all(Array.from({ length: 8 }, () => rawClient(pooler.url)));
    let isOver = false;
    const traffic = clients.map(async (client) => {
      while (!isOver) await client.query('SELECT pg_sleep(random() * 0.002)');
    });
    for (let time = 0; time < 10; time++) {
      await expect(connect({ url: pooler.url, label: 'test' })).rejects.toThrow('shares server sessions');
    }
    isOver = true;
    await Promise.all(traffic);
    await Promise.all(clients.map((client) => client.end()));
  });
});

describe.skipIf(missing.length > 0)('a pooler in session mode', () => {
  test('takes part in a backup, its verification and restore test', async () => {
    await using pooler = await startPgBouncer(await filled(), { pool_mode: 'session' });
    await using place = await openWorkplace();
    await place.backup(pooler.url);
    expect((await place.verify()).checked).toMatchObject([{ rung: 'readable', problem: null }]);
    expect((await place.restoreTest()).comparison).toMatchObject({ rows: 5000, differentTables: [] });
  });

  test('with too few sessions says so instead of waiting', async () => {
    await using pooler = await startPgBouncer(await filled(), { pool_mode: 'session', default_pool_size: 1 });
    const client = await rawClient(pooler.url);
    const late = await refuseSharedSessions(client, () => rawClient(pooler.url), 'test', 300).catch((e) => e);
    expect(late).toBeInstanceOf(SourceError);
    expect(late.message).toMatch(/no second server session within 0\.3 s/);
    expect(late.hint).toContain('max-connections + 2');
  });

  test('that cannot let us in passes on why, and what to do', async () => {
    await using pooler = await startPgBouncer(await filled(), { pool_mode: 'session', max_client_conn: 1 });
    const only = await rawClient(pooler.url);
    const full = await connect({ url: pooler.url, label: 'test' }).catch((error) => error);
    await only.end();
    expect(full).toBeInstanceOf(SourceError);
    expect(full.message).toMatch(/no more connections allowed.*Nothing was read or written/);
    const options = `${pooler.url}?options=-c%20geqo%3Doff`;
    const unsupported = await connect({ url: options, label: 'test' }).catch((error) => error);
    expect(unsupported.message).toMatch(/unsupported startup parameter/);
    expect(unsupported.hint).toMatch(/pooler may stand in between/);
  });
});

test('a direct server is asked on its first connection only, and needs no second', async () => {
  const url = await newDatabase(15);
  const { client } = await connect({ url, label: 'test' });
  await refuseSharedSessions(client, () => Promise.reject(new Error('a second connection')), 'test');
  await disconnect(client);
});
