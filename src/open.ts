import { randomBytes } from 'node:crypto';
import type { LoadedConfig } from './config/check.ts';
import { type DatabaseConfig, type PostgresConfig, postgresSchema } from './config/databases.ts';
import { resolveReferences } from './config/references.ts';
import { nearest } from './config/suggest.ts';
import type { Deps } from './deps.ts';
import { withOverrides } from './health/policy.ts';
import { backupId } from './ledger/words.ts';
import { ConfigError } from './lib/errors.ts';
import { version } from './lib/version.ts';
import { openLedger, openStores } from './open-stores.ts';
import type { RetentionPolicy } from './retention/policy.ts';

/** What verbs need, from a configuration. Secrets are looked up here and not before, and only those that are needed. */

/**
 * All that a verb needs, for a run of this program.
 *
 * @throws ConfigError when a secret or a token that stores or ledger need is missing
 */
export async function openDeps(
  config: LoadedConfig,
  env: NodeJS.ProcessEnv,
  run: Pick<Deps, 'progress' | 'signal' | 'run'>,
): Promise<Deps> {
  const ledger = await openLedger(config, env);
  return { now: Date.now, randomBytes, ledger, stores: await openStores(config, ledger, env), ...run };
}

/** The same, with only the stores that take the backups of one database: all, unless it names its own. */
export function forDatabase(deps: Deps, config: LoadedConfig, database: string): Deps {
  const chosen = config.databases[database]!.stores;
  return { ...deps, stores: deps.stores.filter(({ name }) => chosen === undefined || chosen.includes(name)) };
}

/**
 * What `backup` needs to know of a database.
 *
 * @param need.needsSource false for a restore, which backs up its target and has no need of the source's secret
 * @throws ConfigError when the secret of its URL is needed and not set
 */
export function sourceOptions(
  config: LoadedConfig,
  database: string,
  env: NodeJS.ProcessEnv,
  { needsSource } = { needsSource: true },
) {
  const settings = postgresOf(config.databases[database]!, needsSource);
  return {
    ...backupSettings(config, database, env),
    target: {
      url: needsSource ? resolveReferences(settings.url, `databases.${database}.url`, env) : '',
      label: `database "${database}"`,
    },
    excludeRows: settings['exclude-rows'],
    connections: settings['max-connections'],
    bytesPerSecond: settings['max-rate'] ?? null,
    lockTimeoutMs: settings['lock-timeout'],
  };
}

/** How backups of a database are kept, whatever its source. */
export function backupSettings(config: LoadedConfig, database: string, env: NodeJS.ProcessEnv) {
  return {
    database,
    recipients: config.encryption === 'off' ? null : config.encryption.recipients,
    holdfast: version,
    anomalies: config.anomalies,
    publishNames: config.publish.details === 'tables',
    // A run's log may be public; a terminal is its owner's.
    nameTables: config.publish.details === 'tables' || env['GITHUB_ACTIONS'] !== 'true',
  };
}

function postgresOf(settings: DatabaseConfig, needsSource: boolean): PostgresConfig {
  if (settings.source === 'postgres') return settings;
  // A restore backs up the target that it is given, which is a database whatever the source is.
  if (!needsSource) return postgresSchema.parse({ url: '' });
  throw new ConfigError('This database is reached through its CRM, and not read itself. Nothing was read.', {
    hint: 'Run `holdfast backup`, which asks the CRM.',
    publicReason: 'the source of the database is its CRM',
  });
}

/**
 * The databases that are meant: the one named, the one an id belongs to, or all.
 *
 * @throws ConfigError when there is none of that name, or when the id is none
 */
export function chosenDatabases(config: LoadedConfig, choice: { database?: string; id?: string }): string[] {
  const names = Object.keys(config.databases);
  const wanted = choice.database ?? databaseOf(choice.id ?? 'latest');
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  const near = nearest(wanted, names);
  throw new ConfigError(`The configuration has no database ${JSON.stringify(wanted)}.`, {
    hint: near ? `Did you mean ${near}?` : `There are: ${names.join(', ')}.`,
    publicReason: 'no such database is configured',
  });
}

/** The database whose backup an id is; undefined for the word `latest`, which says nothing of it. */
function databaseOf(idOrLatest: string): string | undefined {
  if (idOrLatest === 'latest') return undefined;
  if (backupId.safeParse(idOrLatest).success) return idOrLatest.replace(/-\d{8}T\d{6}Z-[a-z2-7]{4}$/, '');
  throw new ConfigError(`There is no backup ${JSON.stringify(idOrLatest)}: that is no id of one.`, {
    hint: '`holdfast list` shows the ids, such as crm-20261122T020000Z-k7qa; `latest` is the newest good one. Nothing was changed.',
    publicReason: 'no such backup',
  });
}

/** The rules of a store: its own, or those of the whole file. */
export function policiesOf(config: LoadedConfig): (store: { name: string }) => RetentionPolicy {
  return ({ name }) => config.stores[name]?.retention ?? config.retention;
}

/** What `status` needs to know of a configuration. */
export function statusSettings(config: LoadedConfig) {
  const { health, databases, anomalies, publish } = config;
  const thresholds = Object.entries(databases).map(([name, database]) => [name, database.health] as const);
  return {
    databases: Object.keys(databases),
    policy: withOverrides(health, Object.fromEntries(thresholds)),
    anomalies,
    storesOf: (name: string) => databases[name]?.stores ?? Object.keys(config.stores),
    siteUrl: publish['site-url'],
    locale: publish.locale,
    details: publish.details,
  };
}
