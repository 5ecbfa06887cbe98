import { ConfigError } from '../lib/errors.ts';

/** When a schedule meant a run to begin: GitHub tells a run its cron expression, and starts it minutes to hours later. */

const minuteMs = 60_000;
/** A run that comes later than this after its time is taken for a later one; the longest wait that was published is 13 hours. */
const lookBackMs = 8 * 24 * 60 * minuteMs;
/** Minute, hour, day of the month, month, day of the week. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

/**
 * The last moment at or before another that a cron expression names, in UTC; null when there is none within eight days.
 *
 * @param cron five fields of numbers, `*`, lists, ranges and steps, as GitHub takes them
 * @param beforeMs milliseconds since the epoch
 * @throws ConfigError for an expression of another form
 */
export function lastScheduled(cron: string, beforeMs: number): number | null {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) throw unknownForm(cron);
  const [minutes, hours, days, months, weekdays] = fields.map((field, index) =>
    membersOf(field, ranges[index]!, cron),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>];
  const isAnyDay = fields[2] === '*';
  const isAnyWeekday = fields[4] === '*';
  const newest = Math.floor(beforeMs / minuteMs) * minuteMs;
  for (let moment = newest; moment > newest - lookBackMs; moment -= minuteMs) {
    const time = new Date(moment);
    if (!minutes.has(time.getUTCMinutes()) || !hours.has(time.getUTCHours())) continue;
    if (!months.has(time.getUTCMonth() + 1)) continue;
    const day = days.has(time.getUTCDate());
    const weekday = weekdays.has(time.getUTCDay());
    // With both given, cron wants either.
    if (isAnyDay || isAnyWeekday ? day && weekday : day || weekday) return moment;
  }
  return null;
}

function membersOf(field: string, [low, high]: readonly [number, number], cron: string): Set<number> {
  const members = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) throw unknownForm(cron);
    const [, first, last, every] = match;
    const from = first === undefined ? low : Number(first);
    // `5/15` means from 5 on.
    const to = last === undefined ? (first === undefined || every ? high : from) : Number(last);
    const step = every === undefined ? 1 : Number(every);
    if (from < low || to > high || from > to || step < 1) throw unknownForm(cron);
    for (let member = from; member <= to; member += step) members.add(member);
  }
  return members;
}

function unknownForm(cron: string): ConfigError {
  return new ConfigError(`The schedule ${JSON.stringify(cron)} is not of the form that is known here.`, {
    hint: 'Five fields of numbers, *, lists, ranges and steps, such as 0 2 * * *',
    publicReason: 'a schedule is not valid',
  });
}
