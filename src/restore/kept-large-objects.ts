import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { privilegeChanges } from '../source/postgres/fingerprint/privileges.ts';
import { readLargeObjects } from '../source/postgres/large-objects.ts';
import { type BackupFacts, isSameState } from './backup-facts.ts';

/**
 * Each large object that is removed, or given to another owner, costs one of the server's locks until the transaction ends,
 * and tens of thousands exhaust a usual server: full at 11,900 with PostgreSQL 15's settings. So those that the backup has
 * too stay, with their bytes written anew where they differ, and the others are made by their owner instead of given to him.
 */
export interface KeptLargeObjects {
  /** OIDs of those that are as in the backup. */
  unchanged: ReadonlySet<number>;
  /** OIDs of those with other bytes, but the same owner, privileges and comment. */
  rewritten: ReadonlySet<number>;
}

const statesQuery = `
  SELECT oid::int8::float8 AS oid, pg_get_userbyid(lomowner) AS owner, obj_description(oid, 'pg_largeobject') AS comment,
         lomacl::text[] AS items, acldefault('L', lomowner)::text[] AS defaults
  FROM pg_largeobject_metadata`;

interface StateRow {
  oid: number;
  owner: string;
  comment: string | null;
  items: string[] | null;
  defaults: string[];
}

export async function findKeptLargeObjects(
  client: pg.ClientBase,
  manifest: Manifest,
  facts: BackupFacts,
): Promise<KeptLargeObjects> {
  const kept = { unchanged: new Set<number>(), rewritten: new Set<number>() };
  if (manifest.largeObjects.length === 0) return kept;
  const { rows } = await client.query<StateRow>(statesQuery);
  const standing = new Set(
    rows
      .filter(({ oid, owner, comment, items, defaults }) => {
        const state = { owner, comment, privileges: privilegeChanges(items, defaults, null, owner) };
        return isSameState(facts.largeObjects.get(oid), state);
      })
      .map(({ oid }) => oid),
  );
  const wanted = new Map(manifest.largeObjects.map((each) => [each.oid, each]));
  for (const { oid, sizeBytes, digest } of await readLargeObjects(client, null)) {
    const backup = wanted.get(oid);
    if (!backup || !standing.has(oid)) continue;
    const isSame = backup.digest === digest && backup.sizeBytes === sizeBytes;
    (isSame ? kept.unchanged : kept.rewritten).add(oid);
  }
  return kept;
}

/** Removes those that do not stay, and the bytes of those that are written anew. */
export async function clearLargeObjects(
  client: pg.ClientBase,
  { unchanged, rewritten }: KeptLargeObjects,
): Promise<void> {
  await client.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid <> ALL ($1::oid[])', [
    [...unchanged, ...rewritten],
  ]);
  // 131072 is INV_WRITE. OFFSET keeps each from being opened twice; left open, they would cost memory.
  await client.query(
    `SELECT lo_truncate(fd, 0), lo_close(fd)
     FROM (SELECT lo_open(oid, 131072) AS fd FROM unnest($1::oid[]) u(oid) OFFSET 0) opened`,
    [[...rewritten]],
  );
}

/** One statement of the archive's own script, whose literals double their quotes and backslashes. */
const statement = /(?:[^;'"]|'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*")*;\n/y;
const subject =
  /^(?:SELECT pg_catalog\.lo_\w+\(|(?:ALTER|COMMENT ON|GRANT|REVOKE)\b[^'"]*? ?LARGE OBJECT )(\d+)/;
const written = /^SELECT pg_catalog\.lo_put\(/;
const created = /^SELECT pg_catalog\.lo_create\(/;
const given = /^ALTER LARGE OBJECT \d+ OWNER TO ("(?:[^"]|"")*");\n$/;

/**
 * The script of large objects for what stays, and with each of the others made in the role of its owner.
 *
 * @param text whole statements, as the archive holds them
 */
export function largeObjectScript(text: string, { unchanged, rewritten }: KeptLargeObjects): string {
  const statements: string[] = [];
  let end = 0;
  statement.lastIndex = 0;
  for (let found = statement.exec(text); found; found = statement.exec(text)) {
    end = statement.lastIndex;
    const [line] = found;
    const oid = Number(subject.exec(line)?.[1]);
    if (unchanged.has(oid) || (rewritten.has(oid) && !written.test(line))) continue;
    const owner = given.exec(line)?.[1];
    const last = statements.at(-1);
    if (owner !== undefined && last !== undefined && created.test(last))
      statements[statements.length - 1] = `SET LOCAL ROLE ${owner};\n${last}RESET ROLE;\n`;
    else statements.push(line);
  }
  return statements.join('') + text.slice(end);
}
