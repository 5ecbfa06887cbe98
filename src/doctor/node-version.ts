import { type Finding, ok, problem } from './finding.ts';

const oldest = 24;

/** @param version such as `24.21.0` */
export function checkNode(version: string): Finding[] {
  if (Number.parseInt(version, 10) >= oldest) return [ok('Node', `It is Node ${version}.`)];
  return [
    problem(
      'Node',
      `It is Node ${version}, and Holdfast needs ${oldest} or newer.`,
      'Use the Node that `npm ci` brings: npm run -s holdfast -- doctor',
    ),
  ];
}
