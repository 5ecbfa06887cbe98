import { afterAll, beforeAll, expect, test } from 'vitest';
import { IntegrityError } from '../../src/lib/errors.ts';
import { contentRootOf } from '../support/content-root.ts';
import { note, stateOf } from '../support/faults/scene.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** What comes back is not what was backed up: a column that is computed anew, by a function that only says it is immutable. */

let url: string;
beforeAll(async () => {
  url = await newDatabase(18);
  await run(
    url,
    `CREATE FUNCTION label(i int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN i || ' ' || clock_timestamp(); END $$;
     CREATE TABLE t (a int, b text GENERATED ALWAYS AS (label(a)) STORED); INSERT INTO t VALUES (1), (2)`,
  );
});
afterAll(stopServers);

test('a restore test fails, the page is Critical, and a restore undoes all it did', async () => {
  await using place = await openWorkplace();
  await place.backup(url);
  const failing = place.restoreTest();
  await expect(failing).rejects.toThrow(IntegrityError);
  await expect(failing).rejects.toThrow(/generated columns of public\.t/);
  expect((await place.deps.ledger.read())!.at(-1)).toMatchObject({ verb: 'restore-test', outcome: 'failed' });
  expect(await stateOf(place)).toBe('critical');

  const target = await newDatabase(18);
  await run(target, 'CREATE TABLE mine (a int); INSERT INTO mine VALUES (1)');
  const before = await contentRootOf(target);
  await expect(place.restore(target)).rejects.toThrow(/generated columns of public\.t.*/);
  expect(await contentRootOf(target)).toBe(before);
  note(
    'what comes back differs',
    'restore test, restore',
    2,
    'IntegrityError naming the table; page: critical; target untouched',
  );
});
