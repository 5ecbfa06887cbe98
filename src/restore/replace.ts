import pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart, SqlSection } from '../archive/read-dump.ts';
import { counted } from '../lib/format.ts';
import type { Step } from '../lib/progress.ts';
import { qualifiedName } from '../lib/sql.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { factsOf } from './backup-facts.ts';
import { clearTarget } from './clear-target.ts';
import { type Comparison, compareContent } from './compare-content.ts';
import { explainDatabaseProperties } from './database-differences.ts';
import { type ExtensionRows, prepareExtensionRows } from './extension-rows.ts';
import {
  explainingKept,
  giveKeptBack,
  type KeptTable,
  moveSequencesPast,
  setAsideKept,
} from './kept-backups.ts';
import { restoreExtensionComments } from './kept-extensions.ts';
import { findKeptLargeObjects, largeObjectScript } from './kept-large-objects.ts';
import { TransactionLoader } from './load-in-transaction.ts';
import { withoutStanding } from './prune-script.ts';
import { runSection } from './scripts.ts';

export interface Replacement {
  manifest: Manifest;
  /** Null when the target is of another major. */
  fingerprint: Fingerprint | null;
  /** The source's own description, of whatever major. */
  described: Fingerprint;
  /** Whether the target's own tables of CRM backups survive. */
  keepBackupsTable: boolean;
}

/**
 * Puts a dump in place of all that the target holds, and compares it, in the transaction that the caller has opened and will
 * only commit when the comparison says so. Whatever ends it before that leaves the target as it was.
 *
 * @param parts read a second time; what they must be is known from `expected`
 * @param onLoaded called when all is in, before it is compared; gives the step that shows the comparison
 */
export async function replaceContent(
  client: pg.ClientBase,
  parts: AsyncIterable<DumpPart>,
  expected: Replacement,
  load: Step,
  onLoaded: () => Step,
): Promise<Comparison> {
  const kept = expected.keepBackupsTable ? await setAsideKept(client, expected.manifest) : [];
  const scripts = await clearedFor(client, expected, kept);
  const loader = new TransactionLoader(client);
  const totalBytes = expected.manifest.tables.reduce((sum, table) => sum + table.rawBytes, 0);
  let [rows, bytes] = [0, 0];
  for await (const part of parts) {
    if (part.kind === 'sql') {
      await scripts.run(part.section, part.text);
    } else if (part.kind === 'rows') {
      [rows, bytes] = [rows + part.newRows, bytes + part.bytes.length];
      load.update({ rows, bytes, totalBytes });
      if (!scripts.isPresent(part.table)) await loader.rows(part.table, part.bytes);
    }
  }
  await scripts.finish();
  await client.query('SET search_path = pg_catalog; SET CONSTRAINTS ALL IMMEDIATE');
  load.done(counted(rows, 'row'));
  const compare = onLoaded();
  const comparison = await compareContent([client], expected, compare);
  compare.done(`${comparison.rows.toLocaleString('en')} rows; schema ${comparison.schema.verdict}`);
  await moveSequencesPast(client, kept);
  return explainDatabaseProperties(
    comparison,
    'a property of the database itself, which the restoring role may not set',
  );
}

/** Clears the target, and gives the way in which each section of the dump is run on what stands there. */
async function clearedFor(client: pg.ClientBase, { manifest, described }: Replacement, kept: KeptTable[]) {
  const facts = factsOf(described);
  const largeObjects = await findKeptLargeObjects(client, manifest, facts);
  const standing = await clearTarget(client, facts, largeObjects);
  let extensionRows: ExtensionRows = { present: new Set(), finish: async () => {} };
  return {
    async run(section: SqlSection, text: string) {
      if (section === 'pre-data') {
        await runSection(client, section, withoutStanding(text, standing));
        await restoreExtensionComments(client, facts, standing.extensions);
        await giveKeptBack(client, kept);
        extensionRows = await prepareExtensionRows(client, manifest);
      } else if (section === 'large-objects') {
        await runSection(client, section, largeObjectScript(text, largeObjects));
      } else if (section === 'post-data') await runPostData(client, text, kept);
      // The database's own properties are not part of the content; a role that may not set them restores all the same.
      else if (section === 'database') await tryDatabaseProperties(client, text);
      else await runSection(client, section, text);
    },
    isPresent: (table: { schema: string; name: string }) => extensionRows.present.has(qualifiedName(table)),
    finish: () => extensionRows.finish(),
  };
}

/** Keys are made over the rows that were kept, too: a row may refer to one that the backup does not have. */
async function runPostData(client: pg.ClientBase, text: string, kept: readonly KeptTable[]) {
  try {
    await runSection(client, 'post-data', text);
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const refused = cause instanceof pg.DatabaseError ? cause : null;
    const table = kept.find(({ schema, name }) => refused?.schema === schema && refused.table === name);
    await explainingKept(table ?? null, () => Promise.reject(error));
  }
}

async function tryDatabaseProperties(client: pg.ClientBase, text: string) {
  await client.query('SAVEPOINT properties');
  try {
    await runSection(client, 'database', text);
    await client.query('RELEASE SAVEPOINT properties');
  } catch {
    await client.query('ROLLBACK TO SAVEPOINT properties');
  }
}
