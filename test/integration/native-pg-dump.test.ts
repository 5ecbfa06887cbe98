import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, SourceError } from '../../src/lib/errors.ts';
import { connect, disconnect } from '../../src/source/postgres/connect.ts';
import { choosePgDump, type PgDumpSources } from '../../src/source/postgres/pg-dump-choice.ts';
import { connectionOf } from '../../src/source/postgres/wire.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { missingTools } from '../support/tools.ts';
import { openWorkplace } from '../support/workplace.ts';

/**
 * A server newer than the bundled pg_dump is read by an installed one. There is no such server yet, so the bundled one
 * is said to be of 14, and an installed pg_dump of 15 or newer reads the embedded 15.
 */

const missing = missingTools('an installed pg_dump', 'pg_dump', 'tar');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-programs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await stopServers();
});

/** A folder with a program that says it is pg_dump of a version. */
async function pretended(version: string, name = 'pg_dump'): Promise<string> {
  const path = join(folder, version);
  await mkdir(path, { recursive: true });
  const script = `#!/bin/sh\necho "pg_dump (PostgreSQL) ${version} (Debian)"\n`;
  await writeFile(join(path, name), script, { mode: 0o755 });
  return path;
}
const chosen = async (serverMajor: number, ...folders: string[]) =>
  (await choosePgDump(serverMajor, { bundledMajor: 14, folders })).description;

/** The whole script that a pg_dump writes of a database, without what says which release wrote it. */
async function scriptOf(url: string, sources?: PgDumpSources): Promise<string> {
  const pgDump = await choosePgDump(15, sources);
  const connected = await connect({ url, label: 'the test database' });
  try {
    const { script } = await pgDump.run(connected, ['--schema-only', '--encoding=UTF8']);
    return script
      .toString()
      .replaceAll(/^(\\(un)?restrict \w+|-- Dumped by .*|SET transaction_timeout = 0;)\n/gm, '');
  } finally {
    await disconnect(connected.client);
  }
}

describe('which pg_dump', () => {
  test('the bundled one, up to its own major', async () => {
    expect((await choosePgDump(18)).description).toBe('18.3 (bundled)');
    expect(await chosen(14, await pretended('17.1'))).toContain('bundled');
  });

  test('else the first one installed that is new enough, and the manifest gets no path', async () => {
    const folders = [
      join(folder, 'none'),
      await pretended('14.20'),
      await pretended('16beta2'),
      await pretended('17.1'),
    ];
    expect(await chosen(15, ...folders)).toBe('16beta2 (installed)');
    expect(await chosen(17, ...folders)).toBe('17.1 (installed)');
  });

  test("Debian's wrapper is passed over: it runs a version of its own choosing", async () => {
    const wrapper = join(await pretended('18.1', 'pg_wrapper'), 'pg_wrapper');
    const wrapped = join(folder, 'wrapped');
    await mkdir(wrapped);
    await symlink(wrapper, join(wrapped, 'pg_dump'));
    expect(await chosen(15, wrapped, await pretended('15.9'))).toBe('15.9 (installed)');
  });

  test('none: the options are said, nothing is stored, and the exit code is that of a configuration', async () => {
    await using place = await openWorkplace();
    const pgDump = { bundledMajor: 14, folders: [await pretended('14.20')] };
    const refused = await place.backup(await newDatabase(15), { pgDump }).catch((error) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused.message).toMatch(
      /server is PostgreSQL 15.*up to 14.*newest one installed is 14.*Nothing was/,
    );
    expect(refused.hint).toMatch(/postgresql-client-15.*update Holdfast/);
    expect(await readdir(place.folder)).toEqual(['ledger']);
  });
});

describe.skipIf(missing.length > 0)('an installed pg_dump', () => {
  test('takes a backup that restores equal, and is named in the manifest', async () => {
    await using place = await openWorkplace();
    const url = await newDatabase(15);
    await run(
      url,
      `CREATE TYPE mood AS ENUM ('sad', 'glad');
       CREATE TABLE "Ünïcode" (id serial PRIMARY KEY, mood mood DEFAULT 'glad', note text DEFAULT 'it''s');
       INSERT INTO "Ünïcode" (note) SELECT 'n' || i FROM generate_series(1, 500) i;
       CREATE VIEW glad AS SELECT * FROM "Ünïcode" WHERE mood = 'glad'`,
    );
    const { id } = await place.backup(url, { pgDump: { bundledMajor: 14 }, recipients: null });
    const archive = join(place.folder, 'store', 'crm', id, 'archive.tar');
    const manifest = JSON.parse(
      execFileSync('tar', ['-xOf', archive, 'manifest.json'], { encoding: 'utf8' }),
    );
    expect(manifest.madeBy.pgDump).toMatch(/^\d+\.\d+ \(installed\)$/);
    expect((await place.restoreTest()).comparison).toMatchObject({ rows: 500, differentTables: [] });
  });

  test('says what the bundled one says, also of a database whose name reads like a connection string', async () => {
    const plain = await newDatabase(15);
    const name = 'host=elsewhere user=x';
    await run(plain, `CREATE DATABASE "${name}"`);
    const url = plain.replace(/[^/]*$/, encodeURIComponent(name));
    // More than a socket takes at once, so that both sides have to wait for each other.
    await run(
      plain.replace(/[^/]*$/, encodeURI(name)),
      `DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, note text DEFAULT %L)', i, repeat('ü', 2000)); END LOOP; END $$`,
    );
    const installed = await scriptOf(url, { bundledMajor: 14 });
    expect(installed.match(/^CREATE TABLE/gm)).toHaveLength(300);
    expect(installed).toBe(await scriptOf(url));
  });

  test('is given no secret, and leaves nothing behind when it fails', async () => {
    const url = await newDatabase(15);
    const program = await pretended('15.0');
    const spoken = join(folder, 'spoken');
    const script = `#!/bin/sh
case "$*" in *--version*) echo "pg_dump (PostgreSQL) 15.0"; exit;; esac
{ echo "$@"; env; ls -ld "$PGHOST"; echo "folder $PGHOST"; } > ${spoken}
exit 1`;
    await writeFile(join(program, 'pg_dump'), script);
    const failed = await scriptOf(url, { bundledMajor: 14, folders: [program] }).catch((error) => error);
    expect(failed).toBeInstanceOf(SourceError);
    const told = execFileSync('cat', [spoken], { encoding: 'utf8' });
    expect(told).not.toContain(new URL(url).password);
    expect(told).toMatch(/^drwx------ /m);
    const door = /^folder (.+)$/m.exec(told)![1]!;
    await expect(readdir(door)).rejects.toThrow('ENOENT');
  });

  test.each([15, 14])('does not wait for a server that has gone (bundled: %i)', async (bundledMajor) => {
    const url = await newDatabase(15);
    const pgDump = await choosePgDump(15, { bundledMajor });
    const connected = await connect({ url, label: 'the test database' });
    const ended = once(connectionOf(connected.client).stream, 'close');
    await run(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast' AND datname = current_database()`,
    );
    await ended;
    await expect(pgDump.run(connected, ['--schema-only'])).rejects.toThrow(SourceError);
  });

  test('its own complaint is passed on', async () => {
    const pgDump = await choosePgDump(15, { bundledMajor: 14 });
    const connected = await connect({ url: await newDatabase(15), label: 'the test database' });
    const failed = await pgDump.run(connected, ['--snapshot=00000000-00000000-1']).catch((error) => error);
    await disconnect(connected.client);
    expect(failed).toBeInstanceOf(SourceError);
    expect(failed.message).toMatch(/could not read the schema: .*00000000-00000000-1/);
  });
});
