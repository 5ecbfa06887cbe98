import { SourceError } from '../../lib/errors.ts';
import { untouched } from './explain-network.ts';
import { describeBackup, fieldsOf, idOf, isComplete, type MadeBackup, objectsIn } from './made-backup.ts';

/**
 * The longest limit that the mission has for an event. A CRM that made no backup because of its limits has one that is
 * not older than this.
 */
export const longestLimitMs = 3_600_000;

/**
 * The newest complete backup in a CRM's history: a list, or an object with one as `backups`, `data`, `history` or `items`.
 *
 * @returns null when it has none of the last hour
 */
export function newestBackup(body: unknown, nowMs: number): MadeBackup | null {
  const root = fieldsOf(body) ?? {};
  const list =
    [body, root['backups'], root['data'], root['history'], root['items']].find(Array.isArray) ?? [];
  const complete = objectsIn(list as unknown[])
    .filter((entry) => idOf(entry) !== null && isComplete(entry))
    .map(describeBackup)
    .filter(({ createdAtMs }) => createdAtMs !== null && nowMs - createdAtMs <= longestLimitMs);
  return complete.sort((a, b) => b.createdAtMs! - a.createdAtMs!)[0] ?? null;
}

export function skippedAltogether(nextAllowedAt: string | null): SourceError {
  const next = nextAllowedAt === null ? '' : `, and allows the next one at ${nextAllowedAt}`;
  return new SourceError(
    `The CRM made no backup because of a limit of its own${next}; it has none of the last hour to take instead. ${untouched}`,
    {
      hint: 'Scheduled backups should have no limit there: see the rules in docs/crm.md.',
      publicReason: 'the CRM skipped its backup',
    },
  );
}
