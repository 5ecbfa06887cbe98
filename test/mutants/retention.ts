import { type Mutant, of } from './mutant.ts';

/** Mistakes in what decides which backups go, and deletes them. */

const retention = ['test/unit/retention/'];

export const retentionMutants: Mutant[] = [
  ...of('src/retention/plan.ts', retention, {
    "backup.state === 'good' && isRegularTrigger(backup.trigger)": 'isRegularTrigger(backup.trigger)',
    "(backup) => backup.state === 'good' && isRegularTrigger(backup.trigger)":
      "(backup) => backup.state === 'good'",
    "keep(counted.slice(0, 1), 'the newest good backup');": '',
    'counted.slice(0, policy.keepLast)': 'counted.slice(1, policy.keepLast)',
    '< days * dayMs)': '<= -days * dayMs)',
    'keep(verified.slice(0, policy.keepVerified),': 'keep(verified.slice(0, 0),',
    "keep([counted.find(({ rung }) => rung === 'restored')], 'the newest that a restore test restored');": '',
    'if (backup.held !== null)': 'if (backup.held === undefined)',
    "if (!counted[0]) keep([backup], 'there is no good backup');\n    else if": 'if (counted[0]) if',
    'backup.snapshotAt >= counted[0].snapshotAt': 'backup.snapshotAt < counted[0].snapshotAt',
    'Math.max(keepDays, graceDays)': 'keepDays',
    '      .reverse(),': '      ,',
    "newestOfPeriods(counted, 'month', policy.keepMonthly)":
      "newestOfPeriods(counted, 'year', policy.keepMonthly)",
    'b.snapshotAt.localeCompare(a.snapshotAt) || b.id': 'a.snapshotAt.localeCompare(b.snapshotAt) || b.id',
  }),
  ...of('src/retention/delete-backups.ts', retention, {
    'for (const key of keys.filter(isReceiptKey)) await store.remove(key);': '',
    'if (keys.some(isReceiptKey)) continue;': '',
    'if (signal.aborted) throw interrupted();\n    const keys = await store.list(`${database}/${id}`);\n    try {\n      for':
      'const keys = await store.list(`${database}/${id}`);\n    try {\n      for',
    'done.deleted.push(id);\n      await removeAll': 'await removeAll',
  }),
  ...of('src/retention/refusals.ts', retention, {
    'if (records === null)': 'if (false)',
    'if (newest?.quarantined)': 'if (false)',
    'newest && !newest.good && newest.stores.length > 0': 'false',
    "if (attempt?.outcome === 'failed')": 'if (false)',
    'if (restored && plan.delete.some(({ id }) => id === restored.id))': 'if (restored && false)',
    'if (rebuilt > 0 && !allowLarge)': 'if (false)',
    '!allowLarge && plan.delete.length > total / 2': 'false',
    'if (futureDated.length > 0)': 'if (false)',
    'if (storeProblem !== null)': 'if (false)',
    'missing.length > limit ||': '',
    'unknown.length + missing.length > limit': 'false',
  }),
  ...of('src/retention/leftovers.ts', retention, {
    'if (keys.some(isReceiptKey) || held.has(id)) continue;': 'if (keys.some(isReceiptKey)) continue;',
    '> abandonedAfterMs)': '> 0)',
    '!backup?.stores.includes(store.name) && now': 'now',
  }),
  ...of('src/prune.ts', retention, {
    'if (refusals.length > 0) throw refused(store, refusals);': '',
  }),
];
