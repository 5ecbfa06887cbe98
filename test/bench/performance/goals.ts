import type { Run } from './measure.ts';
import { median, ratioOf } from './report.ts';
import { ours, type Scenario } from './scenarios.ts';

/** A figure to reach. The gate is what must hold now, the goal what is physically possible and demanding. */
export interface Goal {
  what: string;
  against: string;
  gate: number;
  goal: number;
  /** Null when one side of it was not measured. */
  measured(scenarios: readonly Scenario[]): { value: number; text: string } | null;
}

type Figure = (own: readonly Run[], other: readonly Run[]) => number;

function goal(
  what: string,
  [scenario, peer]: [string, string],
  [gate, ambition]: [number, number],
  figure: Figure = ratioOf,
): Goal {
  return {
    what: `${what}, ${scenario}`,
    against: peer === ours ? 'itself' : peer,
    gate,
    goal: ambition,
    measured: (scenarios) => {
      const contenders = scenarios.find(({ name }) => name === scenario)?.contenders ?? [];
      const [own, other] = [ours, peer].map((name) => contenders.find((each) => each.name === name)?.runs);
      if (!own?.length || !other?.length) return null;
      const value = figure(own, other);
      return { value, text: value.toFixed(2) };
    },
  };
}

const size: Figure = (own, other) => own.at(-1)!.outBytes! / other.at(-1)!.outBytes!;
const share =
  (part: string, whole: (run: Run) => number): Figure =>
  (own) =>
    median(own.map((run) => run.own[part]! / whole(run)));
const peakBytesOf = (runs: readonly Run[]) => Math.max(...runs.map(({ peakBytes }) => peakBytes));
const peakMegabytes: Figure = (own) => peakBytesOf(own) / 1e6;

const fc = 'pg_dump 15 -Fc';
const alike = 'pg_dump 17 -Fc -Zzstd:1 | age | sha256sum';
const fd = 'pg_dump 17 -Fd -j2 -Zzstd:1';
const piped = 'pg_dump 15 -Fc -Z0 | zstd -3 -T2';
const restore = 'pg_restore 15 -j2';

export const goals: Goal[] = [
  goal('backup', ['crm', fc], [0.2, 0.14]),
  goal('backup', ['huge', fc], [0.25, 0.18]),
  goal('backup', ['crm', piped], [0.95, 0.75]),
  goal('backup', ['crm', alike], [1, 0.8]),
  goal('backup', ['crm', fd], [1.35, 1]),
  goal('backup', ['crm', 'the server alone'], [1.5, 1.2]),
  goal('backup', ['crm, TLS', piped], [1.5, 1.2]),
  goal('backup', ['crm, TLS', fd], [1.5, 1.2]),
  goal('size of the archive', ['crm', fc], [1, 0.97], size),
  goal('backup', ['many', fc], [0.8, 0.5]),
  goal('backup', ['many, 10 ms', fc], [0.1, 0.03]),
  goal('restore and proof', ['restore of crm', restore], [1.2, 1]),
  goal('restore and proof', ['restore of many, 10 ms', restore], [0.1, 0.05]),
  goal(
    'proof / its restore',
    ['restore of crm', ours],
    [0.5, 0.35],
    share('compare', (run) => run.own['restore']!),
  ),
  goal(
    'verify / the backup',
    ['crm', ours],
    [1, 0.6],
    share('verify', ({ wallMs }) => wallMs),
  ),
  goal('peak RSS in MB', ['crm', ours], [200, 130], peakMegabytes),
  {
    ...{ what: 'peak RSS, crm', against: 'a tenth of it', gate: 1.2, goal: 1.1 },
    measured: (scenarios) => {
      const [whole, tenth] = ['crm', 'a tenth of crm'].map((wanted) => {
        const contenders = scenarios.find(({ name }) => name === wanted)?.contenders ?? [];
        return contenders.find(({ name }) => name === ours)?.runs ?? [];
      });
      if (!whole?.length || !tenth?.length) return null;
      const value = peakBytesOf(whole) / peakBytesOf(tenth);
      return { value, text: value.toFixed(2) };
    },
  },
  goal('s from start to first rows', ['hundred tables', ours], [1, 0.5], (own) =>
    median(own.map((run) => run.own['firstRow']! / 1000)),
  ),
  goal('CPU s to load', ['an action without inputs', ours], [0.4, 0.2], (own) =>
    median(own.map((run) => run.clientCpuMs / 1000)),
  ),
];
