import { cpus, totalmem } from 'node:os';
import { formatBytes } from '../../../src/lib/format.ts';
import type { Goal } from './goals.ts';
import type { Run } from './measure.ts';
import { ours, type Scenario } from './scenarios.ts';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function describeMachine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${formatBytes(totalmem())}, Node ${process.versions.node}`;
}

const seconds = (ms: number) => (ms / 1000).toFixed(2);

/** A scenario's medians, each with the ratio of ours to it. */
export function tableOf({ name, contenders }: Scenario): string {
  const own = contenders.find((contender) => contender.name === ours)!;
  const rows = contenders.map(({ name, runs }) => {
    const of = (figure: (run: Run) => number) => median(runs.map(figure));
    const walls = runs.map(({ wallMs }) => wallMs);
    const spread = `${seconds(Math.min(...walls))}–${seconds(Math.max(...walls))}`;
    const outBytes = runs.at(-1)!.outBytes;
    return [
      name,
      `${seconds(median(walls))} (${spread})`,
      name === ours ? '' : ratioOf(own.runs, runs).toFixed(2),
      seconds(of(({ clientCpuMs }) => clientCpuMs)),
      seconds(of(({ serverCpuMs }) => serverCpuMs)),
      formatBytes(Math.max(...runs.map(({ peakBytes }) => peakBytes))),
      outBytes === null ? '' : formatBytes(outBytes),
    ];
  });
  const heads = [name, 'wall s', 'ours / this', 'client CPU s', 'server CPU s', 'peak RSS', 'size'];
  const lines = [heads, heads.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return lines.map(lineOf).join('\n');
}

function lineOf(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Round by round, because the machine's speed drifts; of these the median. */
export function ratioOf(own: readonly Run[], others: readonly Run[]): number {
  return median(own.map((run, round) => run.wallMs / others[round]!.wallMs));
}

/** What is asked for, beside what was measured here. */
export function tableOfGoals(goals: readonly Goal[], scenarios: readonly Scenario[]): string {
  const rows = goals.map(({ what, against, gate, goal, measured }) => {
    const found = measured(scenarios);
    const verdict = found === null ? 'not measured' : found.value <= gate ? '' : ' (missed)';
    return lineOf([what, against, gate, goal, found === null ? verdict : `${found.text}${verdict}`]);
  });
  return ['| what | against | gate | goal | measured |', '|---|---|---:|---:|---:|', ...rows].join('\n');
}
