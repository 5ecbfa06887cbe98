/**
 * GitHub's scheduler as users have measured it in 2026, so that the times in backup.yml can be chosen by counting.
 *
 * Delays: quantiles put together from what was published: medians of 72 and of 271 minutes in two weeks of one project, eight
 * weekly runs of another between 189 and 761, single runs of 650 and 721, and the many that are on time. Drops: nobody
 * has published a rate, so several are tried.
 */
const delaysMinutes = [
  12, 35, 60, 72, 72, 100, 150, 189, 240, 271, 271, 300, 330, 360, 420, 540, 650, 721, 761,
];
/** How often a run shares the delay of its day: bad days are bad for all of it. */
const sameDayShare = 0.6;

export interface SimulatedSchedule {
  /** Hours of the day, such as 2 for 2:00. */
  daily: number;
  catchUps: readonly number[];
  /** A catch-up makes a backup when the newest is older. */
  olderThanHours: number;
}

export interface SimulatedYear {
  /** Times a year that a page without any fault would have said so. */
  falseWarnings: number;
  falseCriticals: number;
  backupsPerDay: number;
  /** Runs that found nothing to do. */
  idleRunsPerDay: number;
}

/** @param drops share of scheduled runs that never start */
export function simulateSchedule(
  schedule: SimulatedSchedule,
  { drops, years, seed }: { drops: number; years: number; seed: number },
  policy = { lateAfterHours: 20, criticalAfterHours: 24 },
): SimulatedYear {
  const random = seeded(seed);
  const days = 365 * years;
  const runs: { at: number; isCatchUp: boolean }[] = [];
  for (let day = 0; day < days; day += 1) {
    const ofTheDay = random();
    for (const hour of [schedule.daily, ...schedule.catchUps]) {
      if (random() < drops) continue;
      const share = random() < sameDayShare ? ofTheDay : random();
      const delay = delaysMinutes[Math.floor(share * delaysMinutes.length)]! / 60;
      runs.push({ at: day * 24 + hour + delay, isCatchUp: hour !== schedule.daily });
    }
  }
  runs.sort((a, b) => a.at - b.at);
  const count = { warnings: 0, criticals: 0, backups: 0 };
  let newest = 0;
  for (const { at, isCatchUp } of runs) {
    const age = at - newest;
    if (isCatchUp && age < schedule.olderThanHours) continue;
    if (age > policy.lateAfterHours) count.warnings += 1;
    if (age > policy.criticalAfterHours) count.criticals += 1;
    newest = at;
    count.backups += 1;
  }
  return {
    falseWarnings: count.warnings / years,
    falseCriticals: count.criticals / years,
    backupsPerDay: count.backups / days,
    idleRunsPerDay: (runs.length - count.backups) / days,
  };
}

/** Mulberry32: the same numbers for the same seed everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
