import { createHash } from 'node:crypto';
import type pg from 'pg';
import { annotatingCatalogs, readAnnotations } from './annotations.ts';
import { attributesOf } from './attributes.ts';
import { readBuiltInPrivileges } from './built-in-privileges.ts';
import { type Catalog, readCatalogs } from './catalogs.ts';
import { readDependencies } from './dependencies.ts';
import { identitiesOf } from './identities.ts';
import { attributesLeftOut } from './normalise.ts';
import { objectNames } from './object-names.ts';
import { type CatalogRows, isCompared, isReadable, readRows } from './rows.ts';
import { withCanonicalSettings } from './settings.ts';

/** A canonical description of a database's schema, comparable between two servers of one major. */
export interface Fingerprint {
  version: 1;
  serverMajor: number;
  /** `sha256:…` over the entries, without those of the environment. */
  hash: string;
  /** Sorted by key. */
  entries: FingerprintEntry[];
  /** User rows by catalog, of every catalog that was read. */
  census: Record<string, number>;
  /** Catalogs, and single columns of catalogs with rows, that the role may not read. */
  unreadable: string[];
}

/**
 * One object, or one fact about one. Keys that begin with `environment|` tell what is decided where a copy is made
 * (the database's locale, an extension's version): they are compared, but are not part of the hash.
 */
export interface FingerprintEntry {
  /** `catalog|identity`, free of OIDs. */
  key: string;
  attributes: Record<string, unknown>;
}

/**
 * Describes the schema of the database the client is connected to, from all of `pg_catalog`.
 *
 * Needs an open transaction (read only is enough) and leaves it and its settings as they were. Rows are read in the
 * transaction's snapshot; definitions that only the server can turn into text (`pg_get_expr`, `pg_get_viewdef` and
 * the like) come from the latest catalog, as in pg_dump. So call it while nobody changes the schema, or while locks
 * on the tables keep them from it.
 *
 * @throws PostgreSQL's own error when there is no transaction or an object vanished meanwhile; the caller's
 *         transaction is then still usable.
 */
export async function takeFingerprint(client: pg.ClientBase): Promise<Fingerprint> {
  return withCanonicalSettings(client, async () => {
    const version = await client.query<{ server_version_num: string }>('show server_version_num');
    const catalogs = await readCatalogs(client);
    const rows = await readRows(client, catalogs);
    const identities = await identitiesOf(client, rows);
    const dependencies = await readDependencies(client, rows);
    const names = objectNames(catalogs, rows, identities);
    const surroundings = { rows, identities, dependencies };

    const entries: FingerprintEntry[] = [];
    for (const row of rows.all) {
      const key = `${row.catalog.name}|${identities.ofRow(row)}`;
      const { own, environment } = attributesOf(row, surroundings);
      entries.push({ key, attributes: own });
      if (Object.keys(environment).length > 0) {
        entries.push({ key: `environment|${key.replace('|', ' ')}`, attributes: environment });
      }
    }
    entries.push(...dependencies.entries(names));
    entries.push(...(await readBuiltInPrivileges(client, catalogs)));
    entries.push(...(await readAnnotations(client, catalogs, names)));

    const lines = inOrder(entries);
    return {
      version: 1,
      serverMajor: Math.trunc(Number(version.rows[0]!.server_version_num) / 10_000),
      hash: hashOf(lines),
      entries: lines.map((line) => line.entry),
      census: census(catalogs, rows),
      unreadable: await unreadable(client, catalogs, rows),
    };
  });
}

interface Line {
  entry: FingerprintEntry;
  text: string;
}

/** Two rows with one identity would hide each other in a comparison: the second is numbered. */
function inOrder(entries: FingerprintEntry[]): Line[] {
  const lines = entries.map((entry) => ({ entry, text: JSON.stringify([entry.key, entry.attributes]) }));
  lines.sort((one, other) => (one.text < other.text ? -1 : one.text > other.text ? 1 : 0));
  const seen = new Map<string, number>();
  for (const line of lines) {
    const { key } = line.entry;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count > 1) line.entry = { ...line.entry, key: `${key} (${count})` };
  }
  return lines;
}

function hashOf(lines: readonly Line[]): string {
  const hash = createHash('sha256');
  for (const { entry, text } of lines) {
    if (!entry.key.startsWith('environment|')) hash.update(`${text}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}

function census(catalogs: readonly Catalog[], rows: CatalogRows): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const catalog of catalogs) if (isCompared(catalog) && isReadable(catalog)) counts[catalog.name] = 0;
  for (const row of rows.all) counts[row.catalog.name]! += 1;
  return counts;
}

/** Views that at least say whether a closed catalog has rows: an empty one hides nothing. */
const viewsOfClosedCatalogs: Readonly<Record<string, string>> = { pg_user_mapping: 'pg_user_mappings' };

async function unreadable(
  client: pg.ClientBase,
  catalogs: readonly Catalog[],
  rows: CatalogRows,
): Promise<string[]> {
  const filled = new Set(rows.all.map((row) => row.catalog.name));
  const about = new Set(annotatingCatalogs(catalogs).map((catalog) => catalog.name));
  const names: string[] = [];
  for (const catalog of catalogs) {
    if (!isCompared(catalog) && !about.has(catalog.name)) continue;
    if (!isReadable(catalog)) {
      const view = viewsOfClosedCatalogs[catalog.name];
      const found = view ? await client.query(`select from pg_catalog.${view} limit 1`) : null;
      if (found?.rowCount !== 0) names.push(catalog.name);
    } else if (filled.has(catalog.name)) {
      const closed = catalog.columns.filter(
        (column) => !column.isReadable && !(column.fullName in attributesLeftOut),
      );
      names.push(...closed.map((column) => column.fullName));
    }
  }
  return names;
}
