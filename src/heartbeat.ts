import type { BackupResult } from './backup.ts';
import type { LoadedConfig } from './config/check.ts';
import { heartbeatOf } from './notify/addresses.ts';
import type { AlertDeps } from './notify/record-alert.ts';
import { withHeartbeat } from './notify/with-heartbeat.ts';

/**
 * Takes a backup with the configured heartbeat around it. `success` means a good backup: one in quarantine, or one that has
 * not left its own database, says `fail`, although it was taken. One that lacks a store is good.
 *
 * @param take looks its secrets up inside, so that a missing one is a `fail` too
 * @throws what the backup throws; a heartbeat never makes it fail
 */
export function backupWithHeartbeat<T extends object>(
  deps: AlertDeps,
  { config, database, env }: { config: LoadedConfig; database: string; env: NodeJS.ProcessEnv },
  take: () => Promise<T>,
): Promise<T> {
  const address = heartbeatOf(config, database, env);
  return withHeartbeat<T>(deps, { database, address, isGood: isGoodBackup }, take);
}

function isGoodBackup(result: object): boolean {
  if (!('receipt' in result)) return false;
  return (result as BackupResult).anomaly?.verdict !== 'quarantine';
}
