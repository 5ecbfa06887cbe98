import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart } from '../archive/read-dump.ts';
import type { Step } from '../lib/progress.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { clearTarget } from './clear-target.ts';
import { type Comparison, compareContent } from './compare-content.ts';
import { explainDatabaseProperties } from './database-differences.ts';
import { giveKeptBack, moveSequencePast, setAsideKept } from './kept-backups.ts';
import { TransactionLoader } from './load-in-transaction.ts';
import { runSection, withoutExtensionComments } from './scripts.ts';

export interface Replacement {
  manifest: Manifest;
  /** Null when the target is of another major. */
  fingerprint: Fingerprint | null;
  /** The source's description, for the extensions it has. */
  extensions: Fingerprint;
  /** Whether the target's own table of CRM backups survives. */
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
  const kept = expected.keepBackupsTable ? await setAsideKept(client, expected.manifest) : null;
  await clearTarget(client, extensionsOf(expected));
  const loader = new TransactionLoader(client);
  const totalBytes = expected.manifest.tables.reduce((sum, table) => sum + table.rawBytes, 0);
  let [rows, bytes] = [0, 0];
  for await (const part of parts) {
    if (part.kind === 'sql') {
      // The database's own properties are not part of the content; a role that may not set them restores all the same.
      if (part.section === 'database') await tryDatabaseProperties(client, part.text);
      else
        await runSection(
          client,
          part.section,
          part.section === 'pre-data' ? withoutExtensionComments(part.text) : part.text,
        );
    } else if (part.kind === 'rows') {
      [rows, bytes] = [rows + part.newRows, bytes + part.bytes.length];
      load.update({ rows, bytes, totalBytes });
      await loader.rows(part.table, part.bytes);
    }
  }
  if (kept) await giveKeptBack(client, kept);
  await client.query('SET search_path = pg_catalog; SET CONSTRAINTS ALL IMMEDIATE');
  load.done(`${rows.toLocaleString('en')} rows`);
  const compare = onLoaded();
  const comparison = await compareContent([client], expected, compare);
  compare.done(`${comparison.rows.toLocaleString('en')} rows; schema ${comparison.schema.verdict}`);
  if (kept) await moveSequencePast(client, kept);
  return explainDatabaseProperties(
    comparison,
    'a property of the database itself, which the restoring role may not set',
  );
}

/** Extensions of the backup; they stay when the target has them. */
function extensionsOf({ extensions }: Replacement): Set<string> {
  const keys = extensions.entries.map(({ key }) => /^pg_extension\|(.*)$/s.exec(key)?.[1]);
  return new Set(keys.filter((key) => key !== undefined));
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
