import fc from 'fast-check';
import type { Candidate } from '../../src/retention/plan.ts';
import { type RetentionPolicy, retentionPolicySchema } from '../../src/retention/policy.ts';
import { dayMs, iso, noon } from './status-fixture.ts';

/** Backups and policies for tests of retention, by hand and at random. */

export const policyOf = (rules: Partial<RetentionPolicy> = {}): RetentionPolicy =>
  retentionPolicySchema.parse(rules);

/** Keeps nothing but what no rule can let go. */
export const nothing = policyOf({ keepLast: 0, keepDays: 0, keepVerified: 0 });

export function candidate(ageDays: number, changes: Partial<Candidate> = {}): Candidate {
  const snapshotAt = iso(noon - ageDays * dayMs);
  return {
    id: `crm-${snapshotAt.replace(/[-:]|\.\d+/g, '')}-k7qa`,
    snapshotAt,
    trigger: 'schedule',
    state: 'good',
    rung: 'stored',
    held: null,
    sizeBytes: 1000,
    ...changes,
  };
}

/** One a day, the newest of today. */
export const daily = (days: number, changes: Partial<Candidate> = {}): Candidate[] =>
  Array.from({ length: days }, (_, age) => candidate(age, changes));

const someCandidate = fc
  .record({
    // Quarters of days, so that several fall on one day, and half a year that crosses the turn of one.
    ageDays: fc.integer({ min: 0, max: 4 * 400 }).map((quarters) => quarters / 4),
    trigger: fc.constantFrom('schedule', 'schedule', 'manual', 'pre-restore', 'restore-target'),
    state: fc.constantFrom('good', 'good', 'good', 'quarantined', 'damaged'),
    rung: fc.constantFrom('stored', 'stored', 'intact', 'readable', 'restored'),
    held: fc.constantFrom(null, null, null, null, 'for the audit'),
    sizeBytes: fc.nat(),
  })
  .map(({ ageDays, ...rest }) => candidate(ageDays, rest as Partial<Candidate>));

/** Histories of one store, in any order. */
export const someHistory: fc.Arbitrary<Candidate[]> = fc.uniqueArray(someCandidate, {
  maxLength: 60,
  selector: ({ id }) => id,
});

export const somePolicy: fc.Arbitrary<RetentionPolicy> = fc.record({
  keepLast: fc.nat(25),
  keepDays: fc.nat(60),
  keepDaily: fc.nat(10),
  keepWeekly: fc.nat(10),
  keepMonthly: fc.nat(14),
  keepYearly: fc.nat(3),
  keepVerified: fc.nat(5),
});
