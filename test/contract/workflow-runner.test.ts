import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fill, fillTexts, holds } from '../support/workflow/expressions.ts';
import { type Host, openHost } from '../support/workflow/host.ts';
import { combinationsOf } from '../support/workflow/matrix.ts';
import { runWorkflow } from '../support/workflow/run-workflow.ts';
import type { RunOptions } from '../support/workflow/scope.ts';

/** The runner that the tests of our workflows stand on, held to what GitHub's documentation says of the parts that they use. */

let host: Host;
beforeAll(async () => {
  host = await openHost();
});
beforeEach(() => Object.assign(host, { secrets: {}, vars: {}, environments: {} }));
afterAll(() => host.close());

const play = (jobs: string, options: Partial<RunOptions> = {}) =>
  runWorkflow(
    host,
    'own.yml',
    { event: 'push', ...options },
    `on: { push: , workflow_dispatch: { inputs: { who: { default: Ada }, sure: { type: boolean } } } }\njobs:\n${jobs}`,
  );
const step = (run: string, more = '') => `{ run: '${run}'${more} }`;
const job = (id: string, steps: string, more = '') =>
  `  ${id}: { runs-on: ubuntu-24.04, steps: [${steps}]${more} }\n`;

describe('expressions', () => {
  const contexts = { github: { event: { schedule: '0 2 * * *' } }, inputs: { all: true }, vars: {} };
  test.each([
    ['a ${{ github.event.schedule }} b', 'a 0 2 * * * b'],
    ['${{ inputs.all }}', true],
    ["${{ inputs.all && 'yes' || 'no' }}", 'yes'],
    ["${{ vars.NONE || '17' }}", '17'],
    ['${{ vars.none.deeper }}', null],
    ['${{ github.EVENT.Schedule }}', '0 2 * * *'],
    ['${{ fromJSON(\'{"include":[{"a":1}]}\') }}', { include: [{ a: 1 }] }],
    ['plain', 'plain'],
  ])('%s', (text, value) => expect(fill(text, contexts)).toEqual(value));

  test('what is missing is empty where a text is wanted, and a strange context is an error', () => {
    expect(fillTexts({ a: '${{ vars.none }}', b: false, c: 'x${{ vars.none }}' }, contexts)).toEqual({
      a: '',
      b: 'false',
      c: 'x',
    });
    expect(() => fill('${{ secrets.A }}', contexts)).toThrow();
  });

  test('conditions ask the functions of status', () => {
    expect(holds('success()', {}, ['success', 'skipped'])).toBe(false);
    expect(holds('failure()', {}, ['success', 'failure'])).toBe(true);
    expect(holds('!cancelled()', {}, ['failure'])).toBe(true);
  });
});

test('a matrix multiplies its vectors, and includes add to them or stand alone', () => {
  expect(combinationsOf({ os: ['a', 'b'], n: [1], include: [{ os: 'a', more: 2 }, { os: 'c' }] })).toEqual([
    { os: 'a', n: 1, more: 2 },
    { os: 'b', n: 1 },
    { os: 'c' },
  ]);
  expect(() => combinationsOf({ include: [] })).toThrow('holds nothing');
});

describe('jobs', () => {
  test('a failure skips what needs it, near or far, but for what has a function of status', async () => {
    const run = await play(
      job('first', step('exit 1')) +
        job('second', step('true'), ', needs: first') +
        job('third', step('true'), ', needs: second') +
        job('told', step('true'), ", needs: [first, second], if: '!cancelled()'") +
        job('asked', step('true'), ", needs: first, if: github.event_name == 'push'") +
        job('after-told', step('true'), ', needs: told') +
        job('alone', step('true')),
    );
    expect(run.result).toBe('failure');
    expect(run.results()).toEqual({
      first: 'failure',
      second: 'skipped',
      third: 'skipped',
      told: 'success',
      asked: 'skipped',
      // GitHub counts every ancestor: actions/runner issue 2205.
      'after-told': 'skipped',
      alone: 'success',
    });
  });

  test('a step that fails skips the rest, but for those that ask', async () => {
    const steps = [step('exit 3'), step('true'), step('echo told', ', if: always()')].join(', ');
    const run = await play(job('one', steps));
    expect(run.job('one').steps.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'success']);
    const forgiven = await play(
      job('one', `${step('exit 3', ', continue-on-error: true')}, ${step('true')}`),
    );
    expect(forgiven.result).toBe('success');
  });

  test('inputs of a person have defaults, and the form refuses others', async () => {
    const who = job(
      'one',
      `{ run: 'echo "$WHO $SURE"', env: { WHO: '\${{ inputs.who }}', SURE: '\${{ inputs.sure }}' } }`,
    );
    const run = await play(who, { event: 'workflow_dispatch' });
    expect(run.job('one').steps[0]!.log).toBe('Ada false\n');
    await expect(play(who, { event: 'workflow_dispatch', inputs: { whom: 'Bob' } })).rejects.toThrow(
      'no input whom',
    );
    await expect(play(who, { event: 'schedule' })).rejects.toThrow('not started by schedule');
  });

  test('a matrix runs one job for each, and one of a concurrency group at a time', async () => {
    const log = join(await mkdtemp(join(tmpdir(), 'holdfast-')), 'log');
    const write = `{ run: 'echo in >> "$LOG"; sleep 0.1; echo out >> "$LOG"; test "$N" = 1', env: { N: '\${{ matrix.n }}', LOG: '${log}' } }`;
    const matrix =
      ', strategy: { fail-fast: false, matrix: { n: [1, 2] } }, concurrency: { group: one, cancel-in-progress: false }';
    const run = await play(job('many', write, matrix));
    expect(run.results()).toEqual({ 'many (1)': 'success', 'many (2)': 'failure' });
    expect(await readFile(log, 'utf8')).toBe('in\nout\nin\nout\n');
    await rm(dirname(log), { recursive: true });
  });
});

describe('secrets and environments', () => {
  const shows = job('one', `{ run: 'echo "$A"', env: { A: '\${{ secrets.A }}' } }`, ', environment: guarded');

  test('secrets of an environment are only there, and after a review', async () => {
    host.secrets = { A: 'of all' };
    host.environments = { guarded: { secrets: { A: 'of the environment' }, needsReview: true } };
    const approved = await play(shows, { approve: (name) => name === 'guarded' });
    expect(approved.job('one').steps[0]!.log).toBe('of the environment\n');
    const denied = await play(shows, { approve: () => false });
    expect(denied.job('one')).toMatchObject({ result: 'failure', steps: [] });
    await expect(play(shows)).rejects.toThrow('nobody was asked');
  });
});

test('an output that holds a secret does not leave its job', async () => {
  const node = (text: string) =>
    `{ id: node, uses: actions/setup-node@v7, with: { node-version: '${text}' } }`;
  const outputs = ", outputs: { version: '${{ steps.node.outputs.node-version }}' }";
  host.secrets = { A: 'hidden' };
  expect((await play(job('one', node('24'), outputs))).job('one').outputs).toEqual({ version: '24' });
  const told = await play(job('one', node('a ${{ secrets.A }} word'), outputs));
  expect(told.job('one').outputs).toEqual({});
});

describe('called workflows', () => {
  const calls = (more: string) => `  page: { uses: $/.github/workflows/status.yml${more} }\n`;
  const grants = ', permissions: { contents: write, issues: write, pages: write, id-token: write }';

  test('may not ask for more than the caller has', async () => {
    await expect(play(calls(', permissions: { contents: read }'))).rejects.toThrow(
      "is requesting 'contents: write', but is only allowed 'contents: read'",
    );
  });

  test('take what they declare, and nothing else', async () => {
    await expect(play(calls(`${grants}, with: { confg: x }`))).rejects.toThrow('input confg is not declared');
    await expect(play(calls(`${grants}, secrets: { NONE: x }`))).rejects.toThrow(
      'secret NONE is not declared',
    );
  });

  test('are skipped inside when the caller needed what failed, unless their conditions say otherwise', async () => {
    const failing = job('first', step('exit 1'));
    const page = calls(`${grants}, needs: first, if: '!cancelled()'`);
    const edit = (text: string) => text.replaceAll(/^ {4}if: .*\n/gm, '');
    const run = await play(failing + page, { edit });
    expect(run.results()).toMatchObject({ 'page / evaluate': 'skipped', 'page / deploy': 'skipped' });
    const asWritten = await play(failing + page);
    expect(asWritten.results()).not.toMatchObject({ 'page / evaluate': 'skipped' });
  });

  test('get the secrets that are passed, and no others', async () => {
    host.secrets = { HOLDFAST_SECRETS: 'not an assignment' };
    const passed = calls(`${grants}, secrets: { HOLDFAST_SECRETS: '\${{ secrets.HOLDFAST_SECRETS }}' }`);
    expect((await play(passed)).job('page / evaluate').steps[1]!.log).toContain('input "secrets"');
    expect((await play(calls(grants))).job('page / evaluate').steps[1]!.log).not.toContain('input "secrets"');
  });
});
