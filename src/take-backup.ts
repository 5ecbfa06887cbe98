import { type BackupResult, type BackupSettings, backup } from './backup.ts';
import type { LoadedConfig } from './config/check.ts';
import type { Deps } from './deps.ts';
import { openCrm } from './dump/crm/open-crm.ts';
import { backupInDatabase, type InDatabaseResult } from './in-database.ts';
import { backupSettings, sourceOptions } from './open.ts';
import { crmOf } from './open-crm.ts';

export type TakenBackup = BackupResult | InDatabaseResult;

/**
 * Takes a backup of a configured database, however it is reached: read itself, or made by its CRM and brought out of it;
 * or made by a CRM that has no way to bring it out, and then it stays there.
 *
 * @param settings instead of the configured ones
 * @throws as `backup`; ConfigError when a secret that it needs is not set
 */
export async function takeBackup(
  deps: Deps,
  config: LoadedConfig,
  database: string,
  env: NodeJS.ProcessEnv,
  settings: Pick<BackupSettings, 'nameTables'> = {},
): Promise<TakenBackup> {
  const crm = crmOf(config, database, env);
  if (crm === null) return backup(deps, { ...sourceOptions(config, database, env), ...settings });
  if (crm.address.download === null && crm.database === null)
    return backupInDatabase(deps, { database, crm });
  return backup(deps, { ...backupSettings(config, database, env), ...settings, open: openCrm(crm) });
}
