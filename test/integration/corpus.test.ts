import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { objectKeys } from '../../src/archive/backup-id.ts';
import { readDump } from '../../src/archive/read-dump.ts';
import type { BackupResult } from '../../src/backup.ts';
import { silent } from '../../src/lib/progress.ts';
import { rebuild } from '../../src/restore/rebuild.ts';
import { schemaText } from '../support/schema-text.ts';
import { majors, newDatabase, run, stopServers } from '../support/servers.ts';
import { missingTools } from '../support/tools.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/**
 * Real databases that others wrote. HOLDFAST_CORPUS names a folder with one folder each of SQL files; they are not part of
 * this repository, so without it these tests are skipped, and say so.
 */
const corpus = process.env['HOLDFAST_CORPUS'];
if (!corpus) process.stderr.write('corpus tests skipped: HOLDFAST_CORPUS names no folder\n');

afterAll(stopServers);

/** A script without the lines that make or enter a database. */
function script(name: string): string {
  const folder = join(corpus!, name);
  const file = readdirSync(folder).find((each) => each.endsWith('.sql'))!;
  const text = readFileSync(join(folder, file), 'utf8');
  return text.replaceAll(/^(DROP DATABASE|CREATE DATABASE|\\c ).*$/gm, '');
}

async function restoreInto(place: Workplace, { id, receipt }: BackupResult, url: string) {
  const source = await place.deps.stores[0]!.get(objectKeys('crm', id, true).archive);
  return rebuild(
    readDump(source, { receipt, identities: [place.identity] }),
    async () => ({ url, label: 'a copy' }),
    silent.step(''),
  );
}

const missing = missingTools('the kitchen sink', 'psql');

describe.skipIf(!corpus || missing.length > 0)('the kitchen sink of pg_dump', () => {
  test.each(majors)('on PostgreSQL %i', async (major) => {
    await using place = await openWorkplace();
    const url = await newDatabase(major);
    const file = join(corpus!, 'pgdump-kitchen-sink', 'kitchen-sink.sql');
    // Some of its statements fail by nature: they concern other databases.
    spawnSync('psql', ['-X', '-q', '-d', url, '-f', file]);
    const taken = await place.backup(url);
    expect(taken.receipt.tables).toBeGreaterThan(20);
    const { comparison } = await place.restoreTest();
    expect(comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
    const copy = await newDatabase(major);
    await restoreInto(place, taken, copy);
    const withoutOwner = (text: string) =>
      text.replaceAll(/^(-- Name: FUNCTION pg_stat_reset.*); Owner: .*$/gm, '$1');
    expect(withoutOwner(await schemaText(copy))).toBe(withoutOwner(await schemaText(url)));
  });
});

describe.skipIf(!corpus)('real databases', () => {
  const cases = majors.flatMap((major) =>
    ['chinook', 'northwind', 'pagila'].map((name) => ({ major, name })),
  );
  test.each(cases)('$name on PostgreSQL $major', async ({ major, name }) => {
    await using place = await openWorkplace();
    const url = await newDatabase(major);
    await run(url, script(name));
    const taken = await place.backup(url);
    expect(taken.receipt.tables).toBeGreaterThan(10);
    expect((await place.verify()).checked[0]?.rung).toBe('readable');

    const { comparison } = await place.restoreTest();
    expect(comparison.schema.differences.filter((difference) => difference.explanation === null)).toEqual([]);
    expect(comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);

    const copy = await newDatabase(major);
    await restoreInto(place, taken, copy);
    expect(await schemaText(copy)).toBe(await schemaText(url));
  });
});
