import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { ConfigError } from '../lib/errors.ts';
import { qualifiedName } from '../lib/sql.ts';
import { readCatalog, readSettings } from '../source/postgres/catalog.ts';
import { type ServerParameters, serverMajor } from '../source/postgres/connect.ts';
import { type Fingerprint, takeFingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { chooseTables } from './choose-tables.ts';
import type { RestoreMode } from './mode.ts';
import { type ObjectChanges, objectChanges } from './object-changes.ts';
import { findObstacles, type Obstacles } from './obstacles.ts';
import { isEmptyDatabase } from './removable.ts';
import { type TableChange, tableChanges } from './table-changes.ts';

/** What a restore would do to a target. Making it changes nothing. */
export interface RestorePlan extends Obstacles {
  backupId: string;
  mode: RestoreMode;
  target: {
    host: string;
    databaseName: string;
    serverVersion: string;
    sizeBytes: number;
    isEmpty: boolean;
    /** Whether it is the very database that the backup was taken of; null when that can't be known. */
    isSource: boolean | null;
  };
  /** Whether the schema can be compared too: only on a server of the backup's major. */
  proof: 'rows and schema' | 'rows proven, schema applied';
  tables: TableChange[];
  /** Objects that the target has and the backup has not, by their name in the catalog. */
  vanishing: string[];
  /** By kind, what a restore of everything takes away, brings and changes. Empty with mode `tables`: no object changes. */
  objects: ObjectChanges[];
  /** Other sessions of the target database, which a restore waits for or makes wait. */
  sessions: { pid: number; application: string; state: string; transactionAgeSeconds: number | null }[];
  /** From the newest restore test of this database; null when there was none. */
  estimatedMs: number | null;
}

const sessionsQuery = `
  SELECT pid, coalesce(application_name, '') AS application, coalesce(state, '') AS state,
         extract(epoch FROM clock_timestamp() - xact_start)::float8 AS "transactionAgeSeconds"
  FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> 'holdfast'
  ORDER BY xact_start NULLS LAST, pid`;

/**
 * Reads the target and says what would happen.
 *
 * @param client in a read-only transaction, because the fingerprint wants one
 * @throws ConfigError when the mode does not fit the target: `new` wants an empty one, an older major is refused
 */
export async function planRestore(
  client: pg.ClientBase,
  parameters: ServerParameters,
  about: {
    /** Which may have another id than its manifest, once it was encrypted again. */
    backupId: string;
    host: string;
    mode: RestoreMode;
    tables: readonly string[];
    manifest: Manifest;
    fingerprint: Fingerprint;
    estimatedMs: number | null;
  },
): Promise<RestorePlan> {
  const { manifest, mode } = about;
  const chosen = mode === 'tables' ? await chooseTables(client, about, about.tables) : null;
  const settings = await readSettings(client);
  const major = serverMajor(parameters);
  refuseOlder(major, manifest);
  const size = await client.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
  const { tables: found } = await readCatalog(client, []);
  const fingerprint = await takeFingerprint(client);
  const isEmpty = await isEmptyDatabase(client);
  if (mode === 'new' && !isEmpty) {
    throw new ConfigError(
      `The target ${settings.databaseName} is not empty: it has ${found.length} tables${found.length > 0 ? '' : ', but other things that users made'}. It is as it was.`,
      {
        hint: 'Give an empty database, or --mode replace to replace all that it holds.',
        publicReason: 'the target of a new restore is not empty',
      },
    );
  }
  const isSame =
    settings.systemIdentifier === manifest.source.systemIdentifier &&
    settings.databaseName === manifest.source.databaseName;
  const rowsNow = new Map<string, number>();
  for (const table of found) {
    const { rows } = await client.query<{ count: string }>(
      `SELECT count(*) FROM ONLY ${qualifiedName(table)}`,
    );
    rowsNow.set(`${table.schema}.${table.name}`, Number(rows[0]!.count));
  }
  const sessions = await client.query<RestorePlan['sessions'][number]>(sessionsQuery);
  return {
    backupId: about.backupId,
    mode,
    target: {
      host: about.host,
      databaseName: settings.databaseName,
      serverVersion: settings.serverVersion,
      sizeBytes: Number(size.rows[0]!.bytes),
      isEmpty,
      isSource:
        settings.systemIdentifier === null || manifest.source.systemIdentifier === null ? null : isSame,
    },
    proof: major === manifest.source.serverMajor ? 'rows and schema' : 'rows proven, schema applied',
    tables: tableChanges(manifest, rowsNow, chosen),
    vanishing: mode === 'replace' ? vanishing(about.fingerprint, fingerprint) : [],
    objects: chosen ? [] : objectChanges(about.fingerprint, fingerprint),
    ...(await findObstacles(client, about, chosen, { tables: found, isEmpty })),
    sessions: sessions.rows,
    estimatedMs: about.estimatedMs,
  };
}

function refuseOlder(major: number, manifest: Manifest) {
  if (major >= manifest.source.serverMajor) return;
  throw new ConfigError(
    `The backup is of PostgreSQL ${manifest.source.serverMajor} and the target is ${major}: an older server does not understand a newer schema. The target is as it was.`,
    {
      hint: `Restore into PostgreSQL ${manifest.source.serverMajor} or newer.`,
      publicReason: 'the target server is older than the backup',
    },
  );
}

/** Tables, views, functions and other things with a name of their own; what belongs to them goes without saying. */
function vanishing(backup: Fingerprint, target: Fingerprint): string[] {
  const kept = new Set(backup.entries.map(({ key }) => key));
  const named =
    /^pg_(class|proc|type|namespace|extension|publication|event_trigger|foreign_server|collation|operator)\|/;
  return target.entries.map(({ key }) => key).filter((key) => named.test(key) && !kept.has(key));
}
