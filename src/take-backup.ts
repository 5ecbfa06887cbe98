import { type BackupResult, type BackupSettings, backup } from './backup.ts';
import type { LoadedConfig } from './config/check.ts';
import type { Deps } from './deps.ts';
import { openCrm } from './dump/crm/open-crm.ts';
import { backupInDatabase, type InDatabaseResult } from './in-database.ts';
import { recordAttempt } from './ledger/attempt.ts';
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
export function takeBackup(
  deps: Deps,
  config: LoadedConfig,
  database: string,
  env: NodeJS.ProcessEnv,
  settings: Pick<BackupSettings, 'nameTables'> = {},
): Promise<TakenBackup> {
  let take: () => Promise<TakenBackup>;
  try {
    take = prepare(deps, config, database, env, settings);
  } catch (error) {
    // A night that could not even begin, for want of a secret, is a night without a backup: the ledger must know.
    return recordAttempt(deps, { verb: 'backup', database }, () => Promise.reject(error));
  }
  return take();
}

/** Looks up all that is needed, secrets included. */
function prepare(
  deps: Deps,
  config: LoadedConfig,
  database: string,
  env: NodeJS.ProcessEnv,
  settings: Pick<BackupSettings, 'nameTables'>,
): () => Promise<TakenBackup> {
  const crm = crmOf(config, database, env);
  if (crm === null) {
    const options = { ...sourceOptions(config, database, env), ...settings };
    return () => backup(deps, options);
  }
  if (crm.address.download === null && crm.database === null)
    return () => backupInDatabase(deps, { database, crm });
  const options = { ...backupSettings(config, database, env), ...settings, open: openCrm(crm) };
  return () => backup(deps, options);
}
