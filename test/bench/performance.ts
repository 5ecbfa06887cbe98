import { parseArgs } from 'node:util';
import { openBench } from './performance/bench.ts';
import { fillDatabases } from './performance/data.ts';
import { goals } from './performance/goals.ts';
import { describeMachine, tableOf, tableOfGoals } from './performance/report.ts';
import { scenarios } from './performance/scenarios.ts';

/**
 * `npm run bench`: Holdfast beside what people use otherwise, in turns on one server, as whole processes. Prints Markdown;
 * docs/performance.md holds what it printed and when.
 *
 *   --quick        small databases, two minutes: shows that it runs, and no more than that
 *   --scale 0.2    rows of the CRM mix and the huge table, as a share of 1.5 GB and 0.9 GB
 *   --rounds 3     runs of each, of which the median counts; one with --quick
 *   --only NAME    scenarios whose name begins so; may be given several times
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    scale: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true, default: [''] },
  },
});
const scale = Number(values.scale ?? (values.quick ? 0.02 : 1));
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
if (!(scale > 0) || !Number.isSafeInteger(rounds) || rounds < 1)
  throw new RangeError('--scale is a number above 0, --rounds a whole number from 1');

const print = (text: string) => process.stdout.write(`${text}\n`);
const note = (text: string) => process.stderr.write(`${text}\n`);

await using bench = await openBench();
const sizes = { enquiries: Math.round(600_000 * scale), tables: values.quick ? 200 : 2000, huge: scale };
print(`${new Date().toISOString().slice(0, 10)}, ${describeMachine()}, scale ${scale}, ${rounds} rounds.`);
note('Filling the databases …');
await fillDatabases(bench, sizes);
for (const missing of bench.missing) print(`Not installed, so not measured: ${missing}.`);

const chosen = scenarios(bench).filter(({ name }) => values.only.some((start) => name.startsWith(start)));
for (const scenario of chosen) {
  await scenario.prepare?.();
  for (let round = 1; round <= rounds; round++) {
    for (const contender of scenario.contenders) {
      note(`${scenario.name}, round ${round}: ${contender.name}`);
      contender.runs.push(await contender.run());
    }
  }
  print(`\n${tableOf(scenario)}`);
}
print(`\nLoad of the machine at the end: ${bench.load()}.\n`);
// Of small databases every figure is that of starting a process.
if (!values.quick) print(tableOfGoals(goals, chosen));
