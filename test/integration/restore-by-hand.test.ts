import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { fillCrm } from '../../src/demo/crm.ts';
import { missingByHand, unpackByHand } from '../support/by-hand.ts';
import { schemaText } from '../support/schema-text.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** The promise that a backup outlives us: age, tar, zstd and psql are enough. */

afterAll(stopServers);

/** Orders rows on the server, so nothing of ours takes part in the comparison. */
async function contentOf(url: string): Promise<string> {
  const tables = await run(
    url,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT LIKE 'pg_%' AND schemaname <> 'information_schema' ORDER BY 1`,
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const [row] = await run(
      url,
      `SELECT count(*), md5(coalesce(string_agg(r, '|' ORDER BY r COLLATE "C"), '')) FROM (SELECT t::text AS r FROM ONLY ${name} t) rows`,
    );
    lines.push(`${name} ${JSON.stringify(row)}`);
  }
  return lines.join('\n');
}

describe.skipIf(missingByHand.length > 0)('restore by hand', () => {
  test.each([15, 18])(
    'a CRM of PostgreSQL %i, with the commands of the README inside the archive',
    async (major) => {
      await using place = await openWorkplace();
      const url = await newDatabase(major);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await fillCrm(client, { seed: 7, enquiries: 400, now: new Date('2026-11-01T00:00:00Z') });
      await client.query('TRUNCATE backups');
      await client.end();
      const { id } = await place.backup(url);

      const target = await newDatabase(major);
      const { folder, sh } = await unpackByHand(place, id, target);
      expect(await readFile(join(folder, 'README.txt'), 'utf8')).toContain('bash restore.sh');
      expect(sh('bash restore.sh "$target"')).toContain('done');

      expect(await contentOf(target)).toBe(await contentOf(url));
      expect(await schemaText(target)).toBe(normalised(await schemaText(url), await schemaText(target)));
    },
  );

  test('partitions by the hash of an enum, which is another one in each database', async () => {
    await using place = await openWorkplace();
    const [url, target] = [await newDatabase(18), await newDatabase(18)];
    await run(
      url,
      `CREATE TYPE gone AS ENUM ('x', 'y'); DROP TYPE gone; CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e');
       CREATE TABLE t (id int, mood mood) PARTITION BY HASH (mood);
       CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO t SELECT i, (enum_range(NULL::mood))[1 + i % 5] FROM generate_series(1, 100) i`,
    );
    const { id } = await place.backup(url, { recipients: null });
    const folder = join(place.folder, 'by-hand');
    await mkdir(folder);
    execFileSync('tar', ['xf', join(place.folder, 'store', 'crm', id, 'archive.tar'), '-C', folder]);
    execFileSync('bash', ['restore.sh', target], { cwd: folder, stdio: 'pipe' });
    const content = 'SELECT id, mood::text FROM t ORDER BY id';
    expect(await run(target, content)).toEqual(await run(url, content));
  });

  test('a damaged frame stops it, instead of passing for the end of the rows', async () => {
    await using place = await openWorkplace();
    const url = await newDatabase(18);
    await run(url, `CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i`);
    const { id } = await place.backup(url, { recipients: null });
    const archive = join(place.folder, 'store', 'crm', id, 'archive.tar');
    const folder = join(place.folder, 'by-hand');
    await mkdir(folder);
    execFileSync('tar', ['xf', archive, '-C', folder]);
    const chunk = join(folder, 'data', '000001', '00000000.sql.zst');
    const bytes = await readFile(chunk);
    await writeFile(chunk, bytes.subarray(0, bytes.length - 1000));
    const target = await newDatabase(18);
    expect(() => execFileSync('bash', ['restore.sh', target], { cwd: folder, stdio: 'pipe' })).toThrow(
      /premature end/,
    );
  });
});

/** `CHECK (x IN (…))` on varchar is written in other words once it was read back; see docs/decisions/0004. */
function normalised(text: string, like: string): string {
  const rewritten = (line: string) =>
    line.replaceAll(
      /\(ARRAY\[(.*?)\]\)::text\[\]/g,
      (_, list: string) =>
        `ARRAY[${list.replaceAll(/('(?:[^']|'')*')::character varying/g, '($1::character varying)::text')}]`,
    );
  const lines = new Set(like.split('\n'));
  return text
    .split('\n')
    .map((line) => (lines.has(line) ? line : rewritten(line)))
    .join('\n');
}
