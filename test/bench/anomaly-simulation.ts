import { anomalyPolicySchema } from '../../src/health/anomaly/policy.ts';
import { fixedMinimum, holdfast, percentAgainstYesterday } from '../support/anomaly-simulation/methods.ts';
import { type Measurement, simulate } from '../support/anomaly-simulation/simulate.ts';

/** Prints the tables of docs/anomalies.md. Takes two numbers: databases per workload, and years of each. */

const [databases = 40, years = 3] = process.argv.slice(2).map(Number);
const policy = anomalyPolicySchema.parse({});
const measured = simulate(
  [
    holdfast(policy),
    holdfast(policy, { withTables: false }),
    percentAgainstYesterday(10),
    percentAgainstYesterday(50),
    fixedMinimum(),
  ],
  { databases, years, seed: 1 },
);

const lines = [
  `${databases} databases of each kind over ${years} years, a backup a day.`,
  '',
  row('false alarms a year', (each) => each.method),
  row('---', () => '---:'),
  ...Object.keys(measured[0]!.falseAlarms).map((name) =>
    row(name, ({ falseAlarms, falseQuarantines }) => {
      const [alarms, held] = [falseAlarms, falseQuarantines].map((counts) =>
        counts[name as 'steady'].toFixed(2),
      );
      return held === '0.00' ? alarms! : `${alarms} (${held} held)`;
    }),
  ),
  '',
  row('detected on the day', (each) => each.method),
  row('---', () => '---:'),
  ...Object.keys(measured[0]!.detected).map((name) =>
    row(name, ({ detected, quarantined }) => {
      const held = percent(quarantined[name]!);
      return held === '0 %' ? percent(detected[name]!) : `${percent(detected[name]!)} (${held} held)`;
    }),
  ),
];
process.stdout.write(`${lines.join('\n')}\n`);

function row(title: string, cell: (measurement: Measurement) => string): string {
  return `| ${[title, ...measured.map(cell)].join(' | ')} |`;
}

function percent(share: number): string {
  // Never 100 % where one was missed.
  return `${(Math.floor(share * 1000) / 10).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;
}
