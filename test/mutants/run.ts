import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mutants } from './list.ts';
import type { Mutant } from './mutant.ts';

/**
 * `npm run test:mutants -- [parts of file names]`: makes each mistake of the list in a copy of the project, and runs the
 * tests that should notice. Ends with 1 when one of them is not noticed, or no longer fits the source.
 */

const project = resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'holdfast-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const name of ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
  cpSync(join(project, name), join(copy, name), { recursive: true });
symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));

const projects = ['unit', 'contract', 'integration'].flatMap((name) => ['--project', name]);

/** Whether the tests fail; they must have run for that to say something. */
function isNoticed(tests: string[], isQuiet = true): boolean {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', ...projects, ...tests],
    { cwd: copy, encoding: 'utf8', env: { ...process.env, CI: '', NO_COLOR: '1' } },
  );
  if (status !== 0 && !/Tests +.*\d+ (failed|passed)|Test Files +.*\d+ failed/.test(stdout))
    throw new Error(`vitest itself did not run:\n${stdout}`);
  if (status !== 0 && !isQuiet) process.stderr.write(stdout);
  return status !== 0;
}

function outcomeOf({ file, find, replace, tests }: Mutant): 'noticed' | 'NOT NOTICED' | 'does not fit' {
  const source = readFileSync(join(project, file), 'utf8');
  if (source.split(find).length !== 2) return 'does not fit';
  const mistaken = source.replace(find, () => replace);
  // What does not even parse would be noticed by any test.
  stripTypeScriptTypes(mistaken);
  writeFileSync(join(copy, file), mistaken);
  try {
    return isNoticed(tests) ? 'noticed' : 'NOT NOTICED';
  } finally {
    writeFileSync(join(copy, file), source);
  }
}

const parts = process.argv.slice(2);
const chosen = mutants.filter(({ file }) => parts.length === 0 || parts.some((part) => file.includes(part)));
const suites = [...new Set(chosen.flatMap(({ tests }) => tests))];
if (chosen.length === 0 || isNoticed(suites, false)) {
  process.stderr.write('Without a mistake the tests fail too, or there is nothing to try.\n');
  process.exit(1);
}
let missed = 0;
for (const mutant of chosen) {
  const outcome = outcomeOf(mutant);
  if (outcome !== 'noticed') missed += 1;
  process.stdout.write(`${outcome.padEnd(12)} ${mutant.file}: ${mutant.find.split('\n')[0]}\n`);
}
process.stdout.write(`${chosen.length - missed} of ${chosen.length} mistakes noticed\n`);
process.exitCode = missed === 0 ? 0 : 1;
