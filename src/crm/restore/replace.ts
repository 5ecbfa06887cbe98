import type pg from 'pg';
import { ConfigError } from '../../lib/errors.ts';
import { quoteLiteral } from '../../lib/sql.ts';
import { reasonOf, sqlState } from '../answer.ts';
import { readBackupsTable } from '../backups-table.ts';
import { type CarriedTable, readCarriedTables } from '../carried-tables.ts';
import { rowsAsJson } from '../column-json.ts';
import type { Settings } from '../options.ts';
import { Refused } from '../refused.ts';
import { checkBackup } from './check-backup.ts';
import { putBack, readForeignKeys, takeOff } from './foreign-keys.ts';
import { refuseBrokenReferences, refuseRowsInTheWay } from './references.ts';
import { proveEqual, replaceRows, type TableChange } from './replace-rows.ts';
import { type MovedSequence, moveSequences } from './sequences.ts';
import { stage } from './stage.ts';
import { switchOff, switchOn } from './table-triggers.ts';

export interface RestoreOrder {
  id: number;
  /** Whether rows of other tables may be deleted or changed by their ON DELETE. */
  cascade: boolean;
}

export interface Replacement {
  tables: Record<string, TableChange>;
  sequences: MovedSequence[];
}

/** Checks a backup as far as that goes without changing anything. @throws Refused 404, 409 or 422 */
export async function rehearse(
  client: pg.ClientBase,
  settings: Settings,
  order: RestoreOrder,
): Promise<void> {
  await prepare(client, settings, order);
}

/**
 * Replaces the rows of all carried tables by those of a backup, in the caller's transaction.
 *
 * @param preRestoreId the backup of what is there now
 * @returns null when the tables are no longer as in that backup: somebody wrote meanwhile, and would lose it
 * @throws Refused 404, 409 or 422; IntegrityError when the result is not what the backup holds
 */
export async function replace(
  client: pg.ClientBase,
  settings: Settings,
  order: RestoreOrder,
  preRestoreId: number,
): Promise<Replacement | null> {
  const carried = await readCarriedTables(client, settings.schema, settings.tables);
  try {
    await lockAll(client, carried);
    if (!(await areAsIn(client, settings, carried, preRestoreId))) return null;
    const { staged, inside, outside } = await prepare(client, settings, order);
    // A deferred check would come after our own, and stand in the way of ALTER TABLE.
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    await takeOff(client, inside);
    const triggers = await switchOff(client, carried);
    const tables: Record<string, TableChange> = {};
    for (const each of staged) {
      const isReferredTo = outside.some(({ parentOid }) => parentOid === each.table.oid);
      tables[each.table.member] = await replaceRows(client, each, isReferredTo);
    }
    await switchOn(client, triggers);
    await putBack(client, inside);
    for (const each of staged) await proveEqual(client, each);
    const sequences: MovedSequence[] = [];
    for (const table of carried) sequences.push(...(await moveSequences(client, table)));
    return { tables, sequences };
  } catch (error) {
    throw explained(error);
  }
}

async function prepare(client: pg.ClientBase, settings: Settings, { id, cascade }: RestoreOrder) {
  const backups = await readBackupsTable(client, settings.schema);
  const carried = await readCarriedTables(client, settings.schema, settings.tables);
  const staged = await stage(client, backups, id, await checkBackup(client, backups, carried, id));
  const keys = await readForeignKeys(client, carried);
  const isCarried = (key: { childOid: number }) => carried.some(({ oid }) => oid === key.childOid);
  const [inside, outside] = [keys.filter(isCarried), keys.filter((key) => !isCarried(key))];
  await refuseBrokenReferences(client, id, staged, inside);
  await refuseRowsInTheWay(client, staged, outside, cascade);
  return { staged, inside, outside };
}

/** In one fixed order, whatever the order of the configuration, so that two restores never wait for one another. */
async function lockAll(client: pg.ClientBase, carried: readonly CarriedTable[]) {
  const names = carried.map(({ name }) => name).sort();
  await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`);
}

async function areAsIn(
  client: pg.ClientBase,
  settings: Settings,
  carried: readonly CarriedTable[],
  id: number,
): Promise<boolean> {
  const { name } = await readBackupsTable(client, settings.schema);
  // As text: jsonb itself takes 1.5 and 1.50 for equal.
  const same = carried.map(
    (table) => `(data::jsonb->${quoteLiteral(table.member)})::text = ${rowsAsJson(table)}::text`,
  );
  const { rows } = await client.query<{ same: boolean }>(
    `SELECT coalesce(${same.join(' AND ')}, false) AS same FROM ${name} WHERE id = $1::bigint`,
    [id],
  );
  return rows[0]?.same ?? false;
}

/** Errors of the server that the caller can do something about. */
function explained(error: unknown): unknown {
  const state = sqlState(error);
  if (state === '55P03') {
    const message = 'The tables are in use; the restore gave up waiting. Nothing was changed.';
    return new Refused(409, 'tables_in_use', message, { headers: { 'retry-after': '30' } });
  }
  if (state === '42501') {
    return new ConfigError(`The database role may not restore: ${reasonOf(error)}. Nothing was changed.`, {
      hint: 'It must own the tables and their sequences.',
      cause: error,
    });
  }
  if (state?.startsWith('23')) {
    const message = `The rows of the backup do not fit the database any more: ${reasonOf(error)}. Nothing was changed.`;
    return new Refused(409, 'conflict', message);
  }
  return error;
}
