import type { LoadedConfig } from './config/check.ts';
import type { DatabaseConfig, PostgresConfig } from './config/databases.ts';
import { resolveReferences } from './config/references.ts';
import { directoryLedger } from './ledger/directory.ts';
import type { Ledger } from './ledger/ledger.ts';
import { ConfigError } from './lib/errors.ts';
import { version } from './lib/version.ts';
import { directoryStore } from './store/directory.ts';
import type { Store } from './store/store.ts';

/** Opens what a configuration names. Secrets are looked up here and not before, and only those that are needed. */

/** The stores in their configured order. */
export function openStores(config: LoadedConfig): Store[] {
  return Object.entries(config.stores).map(([name, store]) => {
    if (store.type === 'directory') return directoryStore(name, store.path);
    throw new ConfigError(`Store ${name} is of a kind that is not built in.`);
  });
}

export function openLedger(config: LoadedConfig): Ledger {
  if (config.ledger.type === 'directory') return directoryLedger(config.ledger.path);
  throw new ConfigError('The ledger is of a kind that is not built in.');
}

/** The stores that take the backups of a database: all, unless it names its own. */
export function storesOf(config: LoadedConfig, database: string, stores: readonly Store[]): Store[] {
  const chosen = config.databases[database]!.stores;
  return stores.filter((store) => chosen === undefined || chosen.includes(store.name));
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
  const settings = postgresOf(config.databases[database]!);
  return {
    database,
    target: {
      url: needsSource ? resolveReferences(settings.url, `databases.${database}.url`, env) : '',
      label: `database "${database}"`,
    },
    excludeRows: settings['exclude-rows'],
    connections: settings['max-connections'],
    lockTimeoutMs: settings['lock-timeout'],
    recipients: config.encryption === 'off' ? null : config.encryption.recipients,
    holdfast: version,
  };
}

function postgresOf(settings: DatabaseConfig): PostgresConfig {
  if (settings.source === 'postgres') return settings;
  throw new ConfigError('This database is reached through its CRM.');
}
