import { z } from 'zod';
import { json } from './answer.ts';
import type { Caller } from './audit.ts';
import { readBackupsTable } from './backups-table.ts';
import { downloadAnswer } from './download.ts';
import { historyQuery, readHistory, readStatistics } from './history.ts';
import type { Settings } from './options.ts';
import { readBody, readQuery } from './read-request.ts';
import { Refused } from './refused.ts';
import { repeatable } from './requests.ts';
import { restore } from './restore.ts';
import { prune } from './retention.ts';
import { preRestoreTrigger, ruleOf, triggerWord } from './rules.ts';
import { type BackupOrder, takeBackup } from './take-backup.ts';
import { inTransaction } from './transaction.ts';

/** What the endpoint can do, each from a request that may do it to its answer. Bodies and queries are strict. */

const noQuery = z.strictObject({});
const triggerText = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'a line of text');
const manualBody = z.strictObject({ trigger: triggerText.default('manual') });
const automatedBody = z.strictObject({ trigger: triggerText });
const restoreBody = z.strictObject({
  confirm: z.literal('RESTORE', 'the word RESTORE is needed'),
  cascade: z.boolean().default(false),
});

export async function history(settings: Settings, caller: Caller, request: Request): Promise<Response> {
  const query = readQuery(request, historyQuery);
  return await inTransaction(settings, caller, async ({ client, audit }) => {
    const table = await readBackupsTable(client, settings.schema);
    const backups = await readHistory(client, table, query);
    const statistics = await readStatistics(client, table);
    await audit({ operation: 'list', outcome: 'succeeded' });
    return json(200, { success: true, backups, statistics });
  });
}

export async function download(
  settings: Settings,
  caller: Caller,
  request: Request,
  id: number,
): Promise<Response> {
  readQuery(request, noQuery);
  return await inTransaction(settings, caller, async ({ client, audit }) => {
    const answer = await downloadAnswer(client, await readBackupsTable(client, settings.schema), id);
    await audit({ operation: 'download', outcome: 'succeeded', backupId: id });
    return answer;
  });
}

export async function manualBackup(settings: Settings, caller: Caller, request: Request): Promise<Response> {
  readQuery(request, noQuery);
  const { trigger } = await readBody(request, manualBody, settings.maxBodyBytes);
  if (triggerWord(trigger) === triggerWord(preRestoreTrigger)) {
    throw new Refused(400, 'invalid_request', `trigger: ${trigger} is kept for restores.`, {
      field: 'trigger',
    });
  }
  const order: BackupOrder = { type: 'Manual', trigger, rule: null, request: repeatable(request, trigger) };
  return await backupAnswer(settings, caller, order);
}

export async function automatedBackup(
  settings: Settings,
  caller: Caller,
  request: Request,
): Promise<Response> {
  readQuery(request, noQuery);
  const body = await readBody(request, automatedBody, settings.maxBodyBytes);
  const rule = ruleOf(body.trigger, settings.rules);
  if (!rule) {
    // A word that no rule knows would be one that no rule limits.
    const known = settings.rules.flatMap(({ words }) => words);
    throw new Refused(400, 'unknown_trigger', `trigger: not one of ${known.join(', ')}.`, {
      field: 'trigger',
      details: { known_triggers: known },
    });
  }
  const trigger = triggerWord(body.trigger);
  return await backupAnswer(settings, caller, {
    type: 'Auto',
    trigger,
    rule,
    request: repeatable(request, trigger),
  });
}

async function backupAnswer(settings: Settings, caller: Caller, order: BackupOrder): Promise<Response> {
  const outcome = await takeBackup(settings, caller, order);
  if (outcome.kind === 'skipped') {
    const { reason, nextAllowedAt } = outcome.permission;
    return json(200, { skipped: true, reason, nextAllowedAt });
  }
  const body = { success: true, backup: outcome.backup };
  const location = `${settings.path}/${outcome.backup.id}`;
  if (outcome.kind === 'replayed') return json(200, body, { location, 'idempotent-replay': 'true' });
  await prune(settings, caller);
  return json(201, body, { location });
}

export async function restoreAnswer(
  settings: Settings,
  caller: Caller,
  request: Request,
  id: number,
): Promise<Response> {
  readQuery(request, noQuery);
  const { cascade } = await readBody(request, restoreBody, settings.maxBodyBytes);
  const { preRestore, tables, sequences } = await restore(settings, caller, { id, cascade });
  return json(200, { success: true, restored: id, pre_restore: preRestore, tables, sequences });
}
