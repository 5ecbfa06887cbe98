import type { Deps } from './deps.ts';
import { makeInside } from './dump/crm/open-crm.ts';
import { recordAttempt } from './ledger/attempt.ts';
import type { BackupRecord } from './ledger/record.ts';
import { inStep } from './lib/progress.ts';
import type { CrmApi } from './source/crm-api/carry.ts';

export interface InDatabaseResult {
  database: string;
  /** The CRM's own id of it. */
  crmBackupId: string;
  inDatabase: NonNullable<BackupRecord['inDatabase']>;
}

/**
 * Has a CRM make a backup that stays in its own database, because there is no way to bring it out. The attempt succeeds
 * and is no good backup: what is lost with the database is none, and the page says so.
 *
 * @throws ConfigError, SourceError or IntegrityError when the CRM made none
 */
export function backupInDatabase(
  deps: Pick<Deps, 'now' | 'randomBytes' | 'ledger' | 'run' | 'progress' | 'signal'>,
  { database, crm }: { database: string; crm: CrmApi },
): Promise<InDatabaseResult> {
  return recordAttempt(deps, { verb: 'backup', database }, async (notes) => {
    const made = await inStep(
      deps.progress,
      'Asking the CRM for a backup',
      () =>
        makeInside(crm, {
          ...deps,
          trigger: deps.run.trigger,
          onMadeInDatabase: (inside) => {
            notes.inDatabase = inside;
          },
        }),
      ({ id }) => `backup ${id}, inside its database`,
    );
    deps.progress.warn(
      `Backup ${made.id} is only inside the database that it protects, and would be lost with it: no copy has left it.`,
    );
    return { database, crmBackupId: made.id, inDatabase: notes.inDatabase! };
  });
}
