import type { LoadedConfig } from './config/check.ts';
import { resolveReferences } from './config/references.ts';
import { crmAddress } from './source/crm-api/address.ts';
import type { CrmApi } from './source/crm-api/carry.ts';
import { patience } from './source/crm-api/passing.ts';

/**
 * How a CRM is asked for its backups; null for a database that is read itself.
 *
 * @throws ConfigError when its address or key is not set, or not valid
 */
export function crmOf(config: LoadedConfig, database: string, env: NodeJS.ProcessEnv): CrmApi | null {
  const settings = config.databases[database]!;
  if (settings.source !== 'crm-api') return null;
  const resolve = (field: 'app-url' | 'api-key' | 'url', text: string) =>
    resolveReferences(text, `databases.${database}.${field}`, env);
  return {
    address: crmAddress({
      appUrl: resolve('app-url', settings['app-url']),
      apiKey: resolve('api-key', settings['api-key']),
      backupPath: settings['backup-path'],
      downloadPath: settings['download-path'],
      timeoutMs: settings.timeout,
    }),
    database:
      settings.url === undefined
        ? null
        : { url: resolve('url', settings.url), label: `database "${database}"` },
    patience,
    fetch,
  };
}
