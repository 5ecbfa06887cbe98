import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRegularTrigger } from '../../../src/ledger/words.ts';
import { type Candidate, planRetention } from '../../../src/retention/plan.ts';
import type { RetentionPolicy } from '../../../src/retention/policy.ts';
import { someHistory, somePolicy } from '../../support/retention.ts';
import { dayMs, noon } from '../../support/status-fixture.ts';

/** What must hold of every plan, whatever happened before and whatever the policy says. */

const newestFirst = (backups: readonly Candidate[]) =>
  backups.toSorted((a, b) => b.snapshotAt.localeCompare(a.snapshotAt));
const isCounted = ({ state, trigger }: Candidate) => state === 'good' && isRegularTrigger(trigger);
const isReadable = ({ rung }: Candidate) => rung === 'readable' || rung === 'restored';

function holds(
  check: (parts: {
    history: Candidate[];
    policy: RetentionPolicy;
    /** Newest first. */
    counted: Candidate[];
    isKept: (backup: Candidate | undefined) => boolean;
  }) => void,
) {
  fc.assert(
    fc.property(someHistory, somePolicy, (history, policy) => {
      const kept = new Set(planRetention(history, policy, noon).keep.map(({ id }) => id));
      const counted = newestFirst(history).filter(isCounted);
      check({ history, policy, counted, isKept: (backup) => backup === undefined || kept.has(backup.id) });
    }),
    { numRuns: 300 },
  );
}

test('every backup is either kept or deleted, with a reason', () => {
  fc.assert(
    fc.property(someHistory, somePolicy, (history, policy) => {
      const plan = planRetention(history, policy, noon);
      const ids = [...plan.keep, ...plan.delete].map(({ id }) => id).sort();
      expect(ids).toEqual(history.map(({ id }) => id).sort());
      for (const { reasons } of plan.keep) expect(reasons.length).toBeGreaterThan(0);
      for (const { reason } of plan.delete) expect(reason).toMatch(/\w/);
    }),
  );
});

test('the newest good backup is never deleted', () => {
  holds(({ counted, isKept }) => expect(isKept(counted[0])).toBe(true));
});

test('without a good backup nothing is deleted', () => {
  holds(({ history, counted, isKept }) => {
    if (counted.length === 0) expect(history.every(isKept)).toBe(true);
  });
});

test('never fewer proved ones than keep-verified, as long as there are so many', () => {
  holds(({ policy, counted, isKept }) => {
    const proved = counted.filter(isReadable);
    expect(proved.filter(isKept).length).toBeGreaterThanOrEqual(Math.min(policy.keepVerified, proved.length));
  });
});

test('never fewer good ones than keep-last, and the newest of them', () => {
  holds(({ policy, counted, isKept }) => expect(counted.slice(0, policy.keepLast).every(isKept)).toBe(true));
});

test('nothing younger than keep-days is deleted, whatever it is', () => {
  holds(({ history, policy, isKept }) => {
    const young = history.filter(({ snapshotAt }) => noon - Date.parse(snapshotAt) < policy.keepDays * dayMs);
    expect(young.every(isKept)).toBe(true);
  });
});

test('held backups and the newest restored one are never deleted', () => {
  holds(({ history, counted, isKept }) => {
    expect(history.filter(({ held }) => held !== null).every(isKept)).toBe(true);
    expect(isKept(counted.find(({ rung }) => rung === 'restored'))).toBe(true);
  });
});

test('as many days, months and years have a backup afterwards as were asked for, if they had one', () => {
  holds(({ policy, counted, isKept }) => {
    for (const [length, asked] of [
      [10, policy.keepDaily],
      [7, policy.keepMonthly],
      [4, policy.keepYearly],
    ] as const) {
      const periods = [...new Set(counted.map(({ snapshotAt }) => snapshotAt.slice(0, length)))].slice(
        0,
        asked,
      );
      for (const period of periods)
        expect(isKept(counted.find(({ snapshotAt }) => snapshotAt.startsWith(period)))).toBe(true);
    }
  });
});

test('nothing doubtful is deleted before there is a newer good one', () => {
  holds(({ history, counted, isKept }) => {
    for (const backup of history)
      if (backup.state !== 'good' && !isKept(backup))
        expect(counted[0]!.snapshotAt > backup.snapshotAt).toBe(true);
  });
});

test('what is no good backup of the rhythm never changes what is kept of those that are', () => {
  fc.assert(
    fc.property(someHistory, somePolicy, (history, policy) => {
      const keptOf = (backups: Candidate[]) =>
        new Set(planRetention(backups, policy, noon).keep.map(({ id }) => id));
      const counted = history.filter(isCounted);
      const [all, alone] = [keptOf(history), keptOf(counted)];
      for (const { id } of counted) expect(all.has(id)).toBe(alone.has(id));
    }),
  );
});

test('planning again after deleting deletes nothing, also after deleting only a part', () => {
  fc.assert(
    fc.property(someHistory, somePolicy, fc.nat(), (history, policy, cut) => {
      const first = planRetention(history, policy, noon);
      const without = (ids: readonly string[]) => history.filter(({ id }) => !ids.includes(id));
      const all = first.delete.map(({ id }) => id);
      const killed = all.slice(0, all.length === 0 ? 0 : cut % (all.length + 1));
      expect(planRetention(without(all), policy, noon).delete).toEqual([]);
      const resumed = planRetention(without(killed), policy, noon).delete.map(({ id }) => id);
      expect(resumed).toEqual(all.slice(killed.length));
    }),
  );
});

test('a policy that asks for more keeps at least as much', () => {
  fc.assert(
    fc.property(someHistory, somePolicy, somePolicy, (history, policy, more) => {
      const larger = Object.fromEntries(
        Object.entries(policy).map(([rule, value]) => [rule, value + more[rule as keyof RetentionPolicy]]),
      ) as RetentionPolicy;
      const keptBy = (rules: RetentionPolicy) => planRetention(history, rules, noon).keep.map(({ id }) => id);
      expect(keptBy(larger)).toEqual(expect.arrayContaining(keptBy(policy)));
    }),
  );
});

test('the order in which backups are listed does not matter', () => {
  fc.assert(
    fc.property(someHistory, somePolicy, (history, policy) => {
      expect(planRetention(history.toReversed(), policy, noon)).toEqual(planRetention(history, policy, noon));
    }),
  );
});
