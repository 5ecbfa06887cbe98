import type { Manifest } from '../archive/manifest.ts';
import { quoteIdentifier } from '../lib/sql.ts';
import type { SchemaDifference } from './compare-schema.ts';

/**
 * Gives the reason to differences that the manifest has announced: a subscription that the backup does not carry is missing
 * afterwards, with its comment.
 */
export function explainNotCarried(
  differences: readonly SchemaDifference[],
  notCarried: Manifest['notCarried'],
): SchemaDifference[] {
  const reasons = new Map<string, string>();
  for (const { kind, name, reason } of notCarried) {
    if (kind !== 'subscription') continue;
    // The fingerprint quotes names that need it.
    for (const identity of [name, quoteIdentifier(name)]) reasons.set(`${identity} of this database`, reason);
  }
  return differences.map((difference) => {
    const identity = /^(?:pg_subscription\||pg_\w+\|pg_subscription )(.*)$/s.exec(difference.key)?.[1];
    const reason = difference.kind === 'missing' ? reasons.get(identity ?? '') : undefined;
    if (difference.explanation !== null || reason === undefined) return difference;
    return { ...difference, explanation: `the backup does not carry it, and says so: ${reason}` };
  });
}
