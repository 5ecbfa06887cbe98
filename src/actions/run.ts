import * as core from '@actions/core';
import { z } from 'zod';
import type { LoadedConfig } from '../config/check.ts';
import { referencesIn } from '../config/references.ts';
import type { Deps } from '../deps.ts';
import { isPublicRun } from '../github/visibility.ts';
import { collectLess } from '../lib/collect-less.ts';
import { exitCodeOf, HoldfastError, publicReasonOf } from '../lib/errors.ts';
import { capital } from '../lib/format.ts';
import { openDeps } from '../open.ts';
import { type CommonInputs, commonInputs, configurationOf } from './configuration.ts';
import { givenInputs, readInputs } from './inputs.ts';
import { logProgress } from './log-progress.ts';
import { secretsOf } from './masks.ts';
import { readRun } from './run-context.ts';
import { renderSummary, type SummaryParts } from './summary.ts';

/** What an action is given. */
export interface ActionContext<I> {
  inputs: I & CommonInputs;
  config: LoadedConfig;
  deps: Deps;
  env: NodeJS.ProcessEnv;
  /** False in a public repository: names of tables and hosts stay out of log and summary. */
  details: boolean;
  /** Of a `repository_dispatch`; null otherwise. */
  dispatchType: string | null;
  output(name: string, value: string | number | null): void;
  summarise(parts: SummaryParts): void;
  info(line: string): void;
}

export interface Action<S extends z.ZodRawShape> {
  /** As the headline of the summary names it. */
  title: string;
  /** Inputs beside those that every action has. */
  inputs: S;
  /** Whether backups are made, for which a recipient is needed. */
  writes: boolean | ((inputs: z.infer<z.ZodObject<S>>) => boolean);
  /** Whether the database itself is read, and so must be given; left out: as `writes`. */
  readsSource?: boolean;
  run(context: ActionContext<z.infer<z.ZodObject<S>>>): Promise<void>;
}

/**
 * Runs an action from its inputs to its exit code: secrets are masked before anything is said, outputs are set before it
 * fails, and whatever is thrown ends here, in one annotation.
 */
export async function runAction<S extends z.ZodRawShape>(action: Action<S>): Promise<never> {
  collectLess();
  // A diagnostic report of Node, as --report-on-fatalerror writes one, would hold every variable, and so every secret.
  process.report.excludeEnv = true;
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());
  // Inputs come as variables too, so that even a wrong one is masked before it is complained about.
  for (const secret of secretsOf(givenInputs(process.env), process.env, [])) core.setSecret(secret);
  const event = readRun(process.env, Date.now());
  let details = false;
  const summaries: string[] = [];
  try {
    const schema = z.object({ ...commonInputs, ...action.inputs });
    const inputs = readInputs(schema, process.env) as unknown as z.infer<z.ZodObject<S>> & CommonInputs;
    const writes = typeof action.writes === 'function' ? action.writes(inputs) : action.writes;
    const need = { recipients: writes, source: action.readsSource ?? writes };
    const { config, env } = configurationOf(inputs, process.env, need);
    for (const secret of secretsOf(inputs, env, referencesIn(JSON.stringify(config)))) core.setSecret(secret);
    details = config.publish.details === 'tables' || !(event.isPublicRepository ?? (await isPublicRun(env)));
    const progress = logProgress(core, { now: Date.now, details });
    const deps = await openDeps(config, env, { progress, signal: stopping.signal, run: event.run });
    try {
      await action.run({
        inputs,
        config,
        deps,
        env,
        details,
        dispatchType: event.dispatchType,
        output: (name, value) => core.setOutput(name, value ?? ''),
        summarise: (parts) => summaries.push(renderSummary(parts)),
        info: (line) => core.info(line),
      });
    } finally {
      progress.close();
    }
  } catch (error) {
    summaries.push(tellFailure(action.title, error, details));
  }
  if (summaries.length > 0) await writeSummary(summaries.join('\n'));
  // On purpose: requests that a dead network left open would keep the job for minutes.
  process.stdout.write('', () => process.exit(process.exitCode ?? 0));
  return new Promise(() => {});
}

/** One annotation and a summary; the stack only of what is a bug. */
function tellFailure(title: string, error: unknown, details: boolean): string {
  const reason = publicReasonOf(error);
  const isOurs = error instanceof HoldfastError;
  // Whoever mends a configuration must see what is wrong with it; it is in the repository, and its secrets are masked.
  const isConfig = isOurs && reasonsInTheRepository.has(reason);
  const message = isOurs
    ? details || isConfig
      ? error.message
      : `${capital(reason)}.`
    : 'This is a bug in Holdfast.';
  const hint = isOurs && (details || isConfig) ? error.hint : null;
  core.error([message, hint].filter(Boolean).join('\n'), { title: `${title} failed` });
  if (!isOurs) core.info(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (isOurs && !details && !isConfig)
    core.info(
      'The full message may name hosts or tables, and this repository is public: run the command locally to see it.',
    );
  process.exitCode = exitCodeOf(error);
  const rows: [string, string][] = [['reason', reason]];
  if (message !== `${capital(reason)}.`) rows.push(['message', message]);
  if (hint) rows.push(['what to do', hint]);
  return renderSummary({ verdict: `${title} failed`, mark: '❌', rows });
}

/** A summary that can't be written is no reason for a backup to be red. */
async function writeSummary(markdown: string) {
  if (!process.env['GITHUB_STEP_SUMMARY']) return;
  await core.summary
    .addRaw(markdown)
    .write()
    .catch((error: Error) => core.info(`The summary could not be written: ${error.message}`));
}

/** Public reasons of errors whose messages tell of nothing but the workflow and `holdfast.yml`. */
const reasonsInTheRepository = new Set([
  'the configuration is not valid',
  'an input is not valid',
  'no such database is configured',
  'the identity could not be read',
  'the restore was not asked for properly',
]);
