import { createHash, type Hash } from 'node:crypto';
import type pg from 'pg';
import { ConfigError } from '../../lib/errors.ts';
import { quoteIdentifier, quoteLiteral } from '../../lib/sql.ts';

/** A large object as the manifest describes it; owner, privileges and comment are part of the schema's fingerprint. */
export interface LargeObject {
  /** 32-bit unsigned. */
  oid: number;
  sizeBytes: number;
  digest: string;
}

/** A stored page. Pages that are missing in between read as zeros. */
interface Page {
  oid: number;
  position: number;
  bytes: Buffer;
}

/** Bytes of a page: LOBLKSIZE of a server built with the usual 8 KiB blocks. */
const pageBytes = 2048;
/** Pages a query returns: one megabyte. */
const pagesPerQuery = 512;
const scriptChars = 512 * 1024;

/** How many there are. */
export async function countLargeObjects(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM pg_largeobject_metadata');
  return Number(rows[0]!.count);
}

/** @throws ConfigError when the role may not read large objects, which only a superuser and pg_read_all_data may */
export async function refuseUnreadableLargeObjects(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ ok: boolean }>(
    `SELECT has_table_privilege('pg_largeobject', 'SELECT') AS ok`,
  );
  if (rows[0]!.ok || (await countLargeObjects(client)) === 0) return;
  throw new ConfigError(
    'The database holds large objects, which the backup role may not read. The backup was not made.',
    {
      hint: 'GRANT pg_read_all_data TO the backup role, or GRANT SELECT ON pg_largeobject TO it.',
      publicReason: 'the role may not read everything',
    },
  );
}

/** All stored pages in order, a megabyte a round trip. */
async function* readPages(client: pg.ClientBase): AsyncGenerator<Page[]> {
  let [oid, page] = ['0', -1];
  for (;;) {
    const { rows } = await client.query<{ loid: string; pageno: number; data: Buffer }>(
      `SELECT loid, pageno, data FROM pg_largeobject WHERE (loid, pageno) > ($1::oid, $2::int4)
       ORDER BY loid, pageno LIMIT ${pagesPerQuery}`,
      [oid, page],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ loid, pageno, data }) => ({
      oid: Number(loid),
      position: pageno * pageBytes,
      bytes: data,
    }));
    [oid, page] = [last.loid, last.pageno];
  }
}

/**
 * Reads every large object, digests it, and gives away a psql script that makes them again, in pieces of about two
 * megabytes of text.
 *
 * @param onScript null: only digest
 */
export async function readLargeObjects(
  client: pg.ClientBase,
  onScript: ((script: string) => Promise<void>) | null,
): Promise<LargeObject[]> {
  const digests = new Map<number, { hash: Hash; sizeBytes: number }>();
  const made = await client.query<MetadataRow>(metadataQuery);
  for (const row of made.rows) digests.set(row.oid, { hash: createHash('sha256'), sizeBytes: 0 });
  // Reading their pages takes a right that an ordinary owner has no other need of.
  if (made.rows.length === 0) return [];
  if (onScript) await writeMetadata(made.rows, onScript);
  for await (const pages of readPages(client)) {
    const lines: string[] = [];
    for (const { oid, position, bytes } of pages) {
      const object = digests.get(oid)!;
      // Runs of zeros that were never written are part of the content.
      object.hash.update(Buffer.alloc(position - object.sizeBytes)).update(bytes);
      object.sizeBytes = position + bytes.length;
      lines.push(`SELECT pg_catalog.lo_put(${oid}, ${position}, '\\x${bytes.toString('hex')}');\n`);
    }
    await onScript?.(lines.join(''));
  }
  return [...digests].map(([oid, { hash, sizeBytes }]) => ({
    oid,
    sizeBytes,
    digest: `sha256:${hash.digest('hex')}`,
  }));
}

/** Cut by length: thousands of objects with long comments or many grants are more than a frame holds. */
async function writeMetadata(rows: readonly MetadataRow[], onScript: (script: string) => Promise<void>) {
  let script = '';
  for (const row of rows) {
    script += metadataScript(row);
    if (script.length < scriptChars) continue;
    await onScript(script);
    script = '';
  }
  if (script !== '') await onScript(script);
}

interface MetadataRow {
  oid: number;
  owner: string;
  comment: string | null;
  privileges: { grantee: string | null; privilege: string; isGrantable: boolean }[] | null;
}

const metadataQuery = `
  SELECT m.oid::int8::float8 AS oid, pg_get_userbyid(m.lomowner) AS owner, obj_description(m.oid, 'pg_largeobject') AS comment,
         (SELECT json_agg(json_build_object('grantee', g.rolname, 'privilege', a.privilege_type, 'isGrantable', a.is_grantable)
                          ORDER BY g.rolname NULLS FIRST, a.privilege_type)
          FROM aclexplode(m.lomacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee) AS privileges
  FROM pg_largeobject_metadata m ORDER BY m.oid`;

function metadataScript({ oid, owner, comment, privileges }: MetadataRow): string {
  const lines = [
    `SELECT pg_catalog.lo_create(${oid});`,
    `ALTER LARGE OBJECT ${oid} OWNER TO ${quoteIdentifier(owner)};`,
  ];
  if (comment !== null) lines.push(`COMMENT ON LARGE OBJECT ${oid} IS ${quoteLiteral(comment)};`);
  if (privileges) lines.push(`REVOKE ALL ON LARGE OBJECT ${oid} FROM ${quoteIdentifier(owner)};`);
  for (const { grantee, privilege, isGrantable } of privileges ?? []) {
    const to = grantee === null ? 'PUBLIC' : quoteIdentifier(grantee);
    lines.push(
      `GRANT ${privilege} ON LARGE OBJECT ${oid} TO ${to}${isGrantable ? ' WITH GRANT OPTION' : ''};`,
    );
  }
  return `${lines.join('\n')}\n`;
}
