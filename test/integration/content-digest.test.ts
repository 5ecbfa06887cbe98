import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentRootOf } from '../support/content-root.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** What the content root must tell apart, and what it must not, read from a real server. */

let url: string;
let original: string;
beforeAll(async () => {
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE t (id int, name text, f float8, n numeric, t timestamptz, d date, j json, jb jsonb, b bytea, a int[]);
     INSERT INTO t SELECT i, 'n' || i, i, i, '2026-01-01', '2026-01-01', '{"a":1}', '{"a":1}', '\\x00', '{1,NULL}' FROM generate_series(1, 100) i;
     INSERT INTO t (id, f) VALUES (101, 0); CREATE SEQUENCE s; SELECT lo_from_bytea(9001, '\\x00')`,
  );
  original = await contentRootOf(url);
});
afterAll(stopServers);

describe('tells apart', () => {
  test.each([
    ['one changed byte', `UPDATE t SET b = '\\x01' WHERE id = 50`],
    [
      'a pair of values swapped between rows',
      `UPDATE t SET name = CASE id WHEN 1 THEN 'n2' ELSE 'n1' END WHERE id IN (1, 2)`,
    ],
    ['a duplicated row', 'INSERT INTO t SELECT * FROM t WHERE id = 7'],
    ['a lost row', 'DELETE FROM t WHERE id = 7'],
    [
      'one row twice instead of another',
      `DELETE FROM t WHERE id = 8; INSERT INTO t SELECT * FROM t WHERE id = 7`,
    ],
    ['NULL and empty', `UPDATE t SET name = '' WHERE id = 101`],
    ['-0 and 0', `UPDATE t SET f = '-0' WHERE id = 101`],
    ['NaN', `UPDATE t SET f = 'NaN' WHERE id = 5`],
    ['the scale of a numeric', `UPDATE t SET n = 5.0 WHERE id = 5`],
    ['infinity and the day before', `UPDATE t SET t = 'infinity' WHERE id = 5`],
    ['a microsecond', `UPDATE t SET t = t + interval '1 microsecond' WHERE id = 5`],
    ['spaces in json', `UPDATE t SET j = '{"a": 1}' WHERE id = 5`],
    ['NULL and empty in an array', `UPDATE t SET a = '{}' WHERE id = 5`],
    ['a column of another name', 'ALTER TABLE t RENAME COLUMN name TO title'],
    ['a sequence that moved', `SELECT nextval('s')`],
    ['a byte of a large object', `SELECT lo_put(9001, 0, '\\x02')`],
  ])('%s', async (_, change) => {
    const copy = await newDatabase(18, `TEMPLATE ${new URL(url).pathname.slice(1)}`);
    await run(copy, change);
    expect(await contentRootOf(copy)).not.toBe(original);
  });
});

describe('does not tell apart', () => {
  test.each([
    ['the physical order of rows', 'CREATE INDEX i ON t (name DESC); CLUSTER t USING i; DROP INDEX i'],
    ['rows that were written anew', 'UPDATE t SET id = id; VACUUM FULL t'],
    ['spaces in jsonb', `UPDATE t SET jb = '{ "a" :  1 }' WHERE id <= 100`],
  ])('%s', async (_, change) => {
    const copy = await newDatabase(18, `TEMPLATE ${new URL(url).pathname.slice(1)}`);
    for (const statement of change.split('; ')) await run(copy, statement);
    expect(await contentRootOf(copy)).toBe(original);
  });
});
