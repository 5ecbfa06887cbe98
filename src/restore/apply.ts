import pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart } from '../archive/read-dump.ts';
import type { Deps } from '../deps.ts';
import { interrupted } from '../ledger/attempt.ts';
import type { RestoreRecord, restoreSteps } from '../ledger/record.ts';
import { SourceError } from '../lib/errors.ts';
import { rowsInTables } from '../lib/format.ts';
import { onAbort, unlessAborted } from '../lib/on-abort.ts';
import { type ConnectionTarget, connect, disconnect, serverMajor } from '../source/postgres/connect.ts';
import { explainServer } from '../source/postgres/explain-server.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { chooseTables } from './choose-tables.ts';
import type { RestoreMode } from './mode.ts';
import { refuseDifference } from './refuse-difference.ts';
import { replaceContent } from './replace.ts';
import { replaceTables } from './replace-tables.ts';

interface ApplyOptions {
  target: ConnectionTarget;
  mode: RestoreMode;
  tables: readonly string[];
  keepBackupsTable: boolean;
  backup: { lockTimeoutMs: number };
}

/** A backup that was read once and found whole. */
export interface CheckedBackup {
  manifest: Manifest;
  fingerprint: Fingerprint;
}

interface Applied extends Pick<NonNullable<RestoreRecord['result']>, 'rows' | 'tables' | 'schema'> {
  /** Actual is null when only some tables were restored: then nobody has measured the whole. */
  contentRoot: { expected: string; actual: string | null };
}

const untouched = 'The target is as it was.';

/**
 * The transaction of a restore: replace, prove, and only then commit.
 *
 * @param checked.parts reads the backup a second time
 * @throws IntegrityError, ConfigError or SourceError; unless it says otherwise the target is as it was
 */
export async function applyRestore(
  deps: Pick<Deps, 'progress' | 'signal'>,
  options: ApplyOptions,
  checked: CheckedBackup & {
    parts: () => Promise<AsyncIterable<DumpPart>>;
    reach: (step: (typeof restoreSteps)[number]) => void;
  },
): Promise<Applied> {
  const { client, parameters } = await unlessAborted(
    deps.signal,
    connect(options.target, { lockTimeoutMs: options.backup.lockTimeoutMs }),
    interrupted,
    (connected) => disconnect(connected.client),
  );
  const stop = () => void disconnect(client);
  const forget = onAbort(deps.signal, stop);
  const load = deps.progress.step('Replacing, in one transaction');
  try {
    // Where the server can, it notices within seconds that we are gone, and gives its locks back.
    await client.query("SET client_connection_check_interval = '5s'").catch(() => {});
    await client.query('BEGIN');
    const parts = await checked.parts();
    const { manifest, fingerprint, reach } = checked;
    if (options.mode === 'tables') {
      const chosen = await chooseTables(client, checked, options.tables);
      const { rows, tables } = await replaceTables(client, parts, chosen, manifest.sequences, load);
      reach('replaced');
      load.done(`${rowsInTables(rows, tables)}, proved equal`);
      reach('proved');
      await commit(client);
      reach('committed');
      const { contentRoot } = manifest;
      return { rows, tables, contentRoot: { expected: contentRoot, actual: null }, schema: null };
    }
    const comparable = serverMajor(parameters) === manifest.source.serverMajor ? fingerprint : null;
    const { keepBackupsTable } = options;
    const expected = { manifest, fingerprint: comparable, described: fingerprint, keepBackupsTable };
    const comparison = await replaceContent(client, parts, expected, load, () => {
      reach('replaced');
      return deps.progress.step('Comparing every row, inside the transaction');
    });
    refuseDifference(
      comparison,
      `${untouched} Verify the backup with \`holdfast verify\`, and report this if it is sound.`,
    );
    reach('proved');
    await commit(client);
    reach('committed');
    const { rows, tables, contentRoot, schema } = comparison;
    return { rows, tables, contentRoot, schema: schema.verdict };
  } catch (error) {
    load.failed();
    throw deps.signal.aborted
      ? interrupted()
      : explainServer(error, 'the target was restored (it is as it was)');
  } finally {
    forget();
    // Without a commit the server undoes everything as the connection ends.
    await disconnect(client);
  }
}

/** @throws SourceError when the connection is lost on the way: only the server knows then whether it has committed */
async function commit(client: pg.ClientBase): Promise<void> {
  try {
    await client.query('COMMIT');
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw error;
    throw new SourceError(
      'The connection was lost while the restore was committed. The target holds all of the old content or all of the new, never a mix.',
      {
        hint: 'Look at the target, or make the plan again with --plan: it shows the rows that are there now.',
        publicReason: 'the connection was lost at the very end of a restore',
        cause: error,
      },
    );
  }
}
