import { Random } from '../../../src/demo/random.ts';
import { accidents } from './accidents.ts';
import type { Method } from './methods.ts';
import { takeBackup } from './take-backup.ts';
import { liveOneDay, newDatabase, type SimulatedDatabase, type Workload, workloads } from './workload.ts';

export interface Measurement {
  method: string;
  /** Per workload: alarms a year; days in a row with one count as one alarm. */
  falseAlarms: Record<Workload, number>;
  /** Of those, how many a year were a quarantine, which a person has to lift. */
  falseQuarantines: Record<Workload, number>;
  /** Per accident: the part of them that raised an alarm on the day. */
  detected: Record<string, number>;
  /** And the part that was quarantined. */
  quarantined: Record<string, number>;
}

export interface Extent {
  databases: number;
  years: number;
  seed: number;
}

/** Up to half of what one store was given is missing there. */
const shortCopy = 'one store’s file short';
/** A month of learning what is usual comes first and does not count. */
const warmUpDays = 30;

/** Runs each method over the same databases; an accident of each kind is tried a few times a year, on a copy. */
export function simulate(methods: readonly Method[], extent: Extent): Measurement[] {
  return methods.map((method) => {
    const alarms = tally(workloads);
    const quarantines = tally(workloads);
    const kinds = [...Object.keys(accidents), shortCopy];
    const [hits, held, tried] = [tally(kinds), tally(kinds), tally(kinds)];
    const note = (name: string, alarm: 'none' | 'warning' | 'quarantine') => {
      tried[name]! += 1;
      if (alarm !== 'none') hits[name]! += 1;
      if (alarm === 'quarantine') held[name]! += 1;
    };
    for (const workload of workloads) {
      for (let index = 0; index < extent.databases; index += 1) {
        const random = new Random(extent.seed, `${workload} ${index}`);
        const accidentRandom = new Random(extent.seed, `accidents ${workload} ${index}`);
        const database = newDatabase(workload, random);
        const watch = method.start();
        let wasAlarmed = false;
        for (let day = 0; day < warmUpDays + extent.years * 365; day += 1) {
          liveOneDay(database, day, random, workload);
          const backup = takeBackup(database, day, random);
          const alarm = watch.alarms(backup, backup.sizeBytes);
          if (day >= warmUpDays) {
            if (alarm !== 'none' && !wasAlarmed) alarms[workload]! += 1;
            if (alarm === 'quarantine') quarantines[workload]! += 1;
            if (day % 61 === 0) tryAccidents(database, day);
          }
          wasAlarmed = alarm !== 'none';
          watch.remember(backup);
        }

        function tryAccidents(sound: SimulatedDatabase, day: number) {
          for (const [name, happen] of Object.entries(accidents)) {
            const spoilt = { ...sound, tables: sound.tables.map((table) => ({ ...table })) };
            happen(spoilt, accidentRandom);
            const backup = takeBackup(spoilt, day, accidentRandom);
            note(name, watch.alarms(backup, backup.sizeBytes));
          }
          const backup = takeBackup(sound, day, accidentRandom);
          const held = Math.floor(backup.sizeBytes * (0.5 + 0.5 * accidentRandom.fraction()));
          note(shortCopy, watch.alarms(backup, held));
        }
      }
    }
    const years = extent.databases * extent.years;
    const perYear = (counts: Record<string, number>) => mapped(counts, (count) => count / years);
    const share = (counts: Record<string, number>) => mapped(counts, (count, name) => count / tried[name]!);
    return {
      method: method.name,
      falseAlarms: perYear(alarms) as Measurement['falseAlarms'],
      falseQuarantines: perYear(quarantines) as Measurement['falseQuarantines'],
      detected: share(hits),
      quarantined: share(held),
    };
  });
}

function tally(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 0]));
}

function mapped(counts: Record<string, number>, by: (count: number, name: string) => number) {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, by(count, name)]));
}
