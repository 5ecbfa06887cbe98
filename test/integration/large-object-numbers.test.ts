import { afterAll, beforeAll, expect, test } from 'vitest';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** Large objects may have numbers below 16384, where all other objects are PostgreSQL's own. */

const role = 'lo_reader';
let url: string;
beforeAll(async () => {
  await run((await server(18)).url, `CREATE ROLE ${role}`);
  url = await newDatabase(18);
  await run(
    url,
    `SELECT lo_from_bytea(1, 'the first'), lo_from_bytea(16383, 'the last'), lo_create(2613);
     GRANT SELECT ON LARGE OBJECT 1 TO ${role}; GRANT ALL ON LARGE OBJECT 16383 TO PUBLIC;
     COMMENT ON LARGE OBJECT 1 IS 'kept'`,
  );
});
afterAll(stopServers);

const described = (of: string) =>
  run(
    of,
    `SELECT m.oid::int, convert_from(lo_get(m.oid), 'UTF8') AS content, array(SELECT unnest(m.lomacl::text[]) ORDER BY 1) AS privileges,
            obj_description(m.oid, 'pg_largeobject') AS comment
     FROM pg_largeobject_metadata m ORDER BY 1`,
  );

test('they are backed up, restored and compared with their privileges and comments', async () => {
  await using place = await openWorkplace();
  await place.backup(url);
  expect((await place.restoreTest()).comparison.schema.verdict).toBe('equal');
  const before = await described(url);
  expect(before).toMatchObject([{ oid: 1, comment: 'kept' }, { oid: 2613 }, { oid: 16383 }]);

  const copy = await newDatabase(18);
  await place.restore(copy, { mode: 'new' });
  expect(await described(copy)).toEqual(before);

  await run(
    url,
    `SELECT lo_unlink(1), lo_put(16383, 0, 'other'), lo_create(5); REVOKE ALL ON LARGE OBJECT 16383 FROM PUBLIC`,
  );
  await place.restore(url);
  expect(await described(url)).toEqual(before);
});
