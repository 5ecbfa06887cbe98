import { reasonOf } from './answer.ts';
import { auditEvent, type Caller } from './audit.ts';
import { readBackupsTable } from './backups-table.ts';
import { readCarriedTables } from './carried-tables.ts';
import { type BackupMetadata, type MetadataRow, metadataOf, metadataSql } from './metadata.ts';
import type { Settings } from './options.ts';
import { Refused } from './refused.ts';
import { backupOfTwin, type RepeatableRequest, rememberRequest } from './requests.ts';
import { type Permission, permissionFor } from './rule-check.ts';
import type { Rule } from './rules.ts';
import { inTransaction, type Transaction, tell } from './transaction.ts';
import type { BackupType } from './words.ts';
import { type WrittenBackup, writeBackup, writeFailure } from './write-backup.ts';

export interface BackupOrder {
  type: BackupType;
  trigger: string;
  /** Null: no rule limits it. */
  rule: Rule | null;
  /** Null: the request has no Idempotency-Key. */
  request: RepeatableRequest | null;
}

export type BackupOutcome =
  | { kind: 'made'; backup: WrittenBackup }
  | { kind: 'replayed'; backup: BackupMetadata }
  | { kind: 'skipped'; permission: Extract<Permission, { isAllowed: false }> };

/**
 * Makes a backup unless a rule is against it. Everything is in one transaction: the look at the rule, the backup, the
 * memory of the request and the audit event. An attempt that fails leaves a row without data, which counts for no rule.
 *
 * @throws what made it fail, after the attempt was recorded; Refused when nothing was tried
 */
export async function takeBackup(
  settings: Settings,
  caller: Caller,
  order: BackupOrder,
): Promise<BackupOutcome> {
  try {
    return await inTransaction(settings, caller, (transaction) => attempt(settings, transaction, order));
  } catch (error) {
    if (!(error instanceof Refused)) await recordFailure(settings, caller, order, error);
    throw error;
  }
}

async function attempt(
  settings: Settings,
  { client, audit }: Transaction,
  order: BackupOrder,
): Promise<BackupOutcome> {
  const { schema } = settings;
  const { trigger } = order;
  const table = await readBackupsTable(client, schema);
  if (order.request) {
    const twin = await backupOfTwin(client, schema, order.request);
    if (twin !== null) {
      const { rows } = await client.query<MetadataRow>(
        `SELECT ${metadataSql(table)} FROM ${table.name} WHERE id::text = $1`,
        [twin],
      );
      // One that retention has removed meanwhile is made anew.
      if (rows[0]) return { kind: 'replayed', backup: metadataOf(rows[0]) };
    }
  }
  const permission = await permissionFor(client, schema, table, order.rule);
  if (!permission.isAllowed) {
    await audit({ operation: 'backup', outcome: 'skipped', trigger, detail: permission.reason });
    return { kind: 'skipped', permission };
  }
  const carried = await readCarriedTables(client, schema, settings.tables);
  const backup = await writeBackup(client, table, carried, order);
  if (order.request) await rememberRequest(client, schema, order.request, backup.id);
  const detail = `${order.type}, ${backup.enquiry_count} enquiries, ${backup.size_kb} KB`;
  await audit({ operation: 'backup', outcome: 'succeeded', backupId: backup.id, trigger, detail });
  return { kind: 'made', backup };
}

async function recordFailure(settings: Settings, caller: Caller, order: BackupOrder, error: unknown) {
  const { trigger } = order;
  const note = { operation: 'backup', outcome: 'failed', trigger, detail: reasonOf(error) } as const;
  try {
    await inTransaction(settings, caller, async ({ client, audit }) => {
      const backupId = await writeFailure(client, await readBackupsTable(client, settings.schema), order);
      await audit({ ...note, backupId });
    });
  } catch (second) {
    // The database cannot even take the trace; the callback, and so the host's log, still can.
    const detail = `${note.detail}; not recorded in the database: ${reasonOf(second)}`;
    tell(settings, auditEvent(caller, { ...note, detail }));
  }
}
