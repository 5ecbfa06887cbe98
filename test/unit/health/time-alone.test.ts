import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, type Health, thresholdsOf } from '../../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../../src/health/facts.ts';
import type { Policy } from '../../../src/health/policy.ts';
import { dayMs, iso, noon } from '../../support/status-fixture.ts';

/** What must hold of any facts: the page relies on it when it ages in the reader's browser. */

const past = fc.integer({ min: 0, max: 60 * dayMs }).map((ago) => iso(noon - ago));
const reason = fc.constantFrom(null, 'the store is down');
const outcome = fc.constantFrom('succeeded' as const, 'failed' as const);
const brief = fc.option(fc.record({ at: past, outcome, reason }));
const rung = fc.constantFrom('stored', 'intact', 'readable', 'restored' as const);

const anyFacts: fc.Arbitrary<DatabaseFacts> = fc.record({
  database: fc.constantFrom('crm', 'billing'),
  newestGood: fc.option(fc.record({ id: fc.constant('crm-20261122T020000Z-k7qa'), snapshotAt: past, rung })),
  firstGoodAt: fc.option(past),
  lastAttempt: brief,
  storesBehind: fc.array(fc.record({ store: fc.constant('bucket'), since: past }), { maxLength: 2 }),
  lastRestoreTest: fc.option(fc.record({ at: past, outcome, reason, backupId: fc.constant(null) })),
  restoreTestNotRun: fc.option(fc.record({ at: past, reason })),
  lastVerified: brief,
  lastReadableAt: fc.option(past),
  unusual: fc.option(
    fc.record({
      backupId: fc.constant('crm-20261122T020000Z-k7qa'),
      verdict: fc.constantFrom('warning' as const, 'quarantine' as const),
      what: fc.constant('The database has no tables.'),
      schemaChanged: fc.option(fc.boolean()),
      since: past,
    }),
  ),
  notOffSiteSince: fc.option(past),
  futureDated: fc.option(fc.record({ records: fc.constant(1), latest: past })),
});
const thresholds = {
  lateAfterHours: fc.integer({ min: 1, max: 48 }),
  criticalAfterHours: fc.integer({ min: 1, max: 48 }),
  restoreTestAfterDays: fc.integer({ min: 1, max: 100 }),
  verifyAfterDays: fc.integer({ min: 1, max: 30 }),
};
const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  ...thresholds,
  databases: fc.option(fc.record({ billing: fc.record(thresholds) }), { nil: undefined }),
});
const anyFactsList = fc.array(anyFacts, { maxLength: 3 });
const wait = fc.integer({ min: 0, max: 200 * dayMs });

const gravity = { good: 0, warning: 1, critical: 2 };
const said = (health: Health) => health.reasons.map((each) => `${each.code} ${each.since}`).join('\n');

test('a verdict never gets better by waiting', () => {
  fc.assert(
    fc.property(anyFactsList, anyPolicy, wait, wait, (facts, policy, first, more) => {
      const early = evaluate(facts, policy, noon + first);
      const late = evaluate(facts, policy, noon + first + more);
      expect(gravity[late.state]).toBeGreaterThanOrEqual(gravity[early.state]);
    }),
    { numRuns: 500 },
  );
});

test('validUntil is exactly the last moment before the next change', () => {
  fc.assert(
    fc.property(
      anyFactsList,
      anyPolicy,
      wait,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (facts, policy, at, part) => {
        const now = noon + at;
        const health = evaluate(facts, policy, now);
        const until = health.validUntil === null ? now + 400 * dayMs : Date.parse(health.validUntil);
        expect(until).toBeGreaterThanOrEqual(now);
        const between = Math.floor(now + (until - now) * part);
        expect(said(evaluate(facts, policy, between))).toBe(said(health));
        expect(said(evaluate(facts, policy, until))).toBe(said(health));
        if (health.validUntil !== null)
          expect(said(evaluate(facts, policy, until + 1))).not.toBe(said(health));
      },
    ),
    { numRuns: 500 },
  );
});

test('nothing is Good without a young backup, a passed restore test and a clean last attempt', () => {
  fc.assert(
    fc.property(anyFacts, anyPolicy, (facts, policy) => {
      const { newestGood, lastRestoreTest, lastAttempt, storesBehind } = facts;
      const ageMs = newestGood === null ? Infinity : noon - Date.parse(newestGood.snapshotAt);
      const sound =
        ageMs <= (thresholdsOf(policy, facts.database).criticalAfterHours * dayMs) / 24 &&
        lastRestoreTest?.outcome === 'succeeded' &&
        lastAttempt?.outcome !== 'failed' &&
        storesBehind.length === 0 &&
        facts.unusual === null &&
        facts.notOffSiteSince === null &&
        facts.futureDated === null;
      if (!sound) expect(evaluate([facts], policy, noon).state).not.toBe('good');
    }),
    { numRuns: 500 },
  );
});
