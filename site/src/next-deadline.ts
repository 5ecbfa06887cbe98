import { evaluate, type Reason } from '../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../src/health/facts.ts';
import type { Policy } from '../../src/health/policy.ts';

/** What the next deadline is about: the reason that passing it will add. Null when none is ahead. */
export function nextDeadline(
  facts: DatabaseFacts,
  policy: Policy,
  now: number,
): { at: string; added: Reason | null } | null {
  const { validUntil, reasons } = evaluate([facts], policy, now);
  if (validUntil === null) return null;
  const known = new Set(reasons.map((reason) => reason.code));
  const after = evaluate([facts], policy, Date.parse(validUntil) + 1);
  return { at: validUntil, added: after.reasons.find((reason) => !known.has(reason.code)) ?? null };
}
