import { toleranceMs } from '../health/clock.ts';
import { formatDuration } from '../lib/format.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Seconds come from rounding and slow answers; a clock that is set by the network is never off by a minute. */
const noticeableMs = 60_000;

/**
 * Compares our clock with another.
 *
 * @param whose such as `the database server`
 * @param theirMs null when it told no time
 * @param ourMs in the middle between question and answer
 */
export function compareClocks(
  about: string,
  whose: string,
  theirMs: number | null,
  ourMs: number,
): Finding[] {
  if (theirMs === null || Number.isNaN(theirMs)) return [];
  const offMs = Math.abs(theirMs - ourMs);
  if (offMs < noticeableMs) return [ok(about, `The clocks of this machine and of ${whose} agree.`)];
  const text = `The clocks of this machine and of ${whose} differ by ${formatDuration(offMs)}.`;
  const advice = 'Set them by the network (NTP). Ages of backups, and so their health, depend on them.';
  // Health believes no record that is further ahead.
  return [offMs > toleranceMs ? problem(about, text, advice) : warning(about, text, advice)];
}
