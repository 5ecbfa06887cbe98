import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import { checkRecipient } from '../archive/age.ts';
import { checkConfig } from '../config/check.ts';
import { type Answers, checkAnswers } from '../init/answers.ts';
import { callerWorkflows } from '../init/callers.ts';
import { holdfastYml, runsOnGithub } from '../init/holdfast-yml.ts';
import { type NextSteps, nextSteps } from '../init/next-steps.ts';
import { refuseInWorkTree } from '../init/work-tree.ts';
import { refuseToOverwrite, writeFiles } from '../init/write-files.ts';
import { ConfigError } from '../lib/errors.ts';
import { askAnswers, type Draft } from './init-wizard.ts';
import { makeKeyPair } from './keygen-command.ts';
import { print, printJson } from './output.ts';
import { hasOwnWorkflows, ownReference } from './own-reference.ts';

interface InitOptions extends Partial<Omit<Draft, 'pages'>> {
  out: string;
  yes?: boolean;
  force?: boolean;
  json?: boolean;
  pages: boolean;
  store?: Answers['stores'];
  holdfastRef?: string;
  recipient?: string[];
}

export function initCommand(signal: AbortSignal): Command {
  return new Command('init')
    .description('write holdfast.yml and the workflows into a repository, and make the key pair')
    .option('--out <dir>', 'the repository', '.')
    .option('--yes', 'ask nothing: take the options below and their defaults')
    .option('--force', 'replace files that exist')
    .option('--database <name>', 'what to call the database; part of every backup’s id, and public')
    .option('--source <kind>', 'postgres: read it; crm-api: ask the CRM for its backups')
    .option('--app-url <url>', 'with --source crm-api: where the CRM is served')
    .option('--store <kinds>', 'artifact, s3 or directory; several separated by commas', listOf)
    .option('--bucket <name>', 'with --store s3')
    .option('--region <name>', 'with --store s3')
    .option('--endpoint <url>', 'with --store s3, unless it is Amazon')
    .option('--folder <path>', 'with --store directory')
    .option('--heartbeat', 'ping an outside alarm at each backup')
    .option('--webhook', 'tell a chat when health changes')
    .option('--no-pages', 'no status page on GitHub Pages')
    .option('--site-url <url>', 'where the page will be served')
    .option('--postgres-major <number>', 'major version of the server, for restore tests', majorOf)
    .option('--holdfast-ref <ref>', 'whose workflows to call: OWNER/REPO@SHA')
    .option('--recipient <age1…>', 'use these and make no key pair; several separated by commas', listOf)
    .option('--identity-out <file>', 'where the new identity goes: outside of any repository')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: InitOptions) => {
      const isAsking = !options.yes && !options.json;
      if (isAsking && !process.stdin.isTTY) {
        throw new ConfigError('There is no terminal to ask on. Nothing was written.', {
          hint: 'Add --yes, with the options that `holdfast init --help` lists.',
          publicReason: 'there was no terminal to ask on',
        });
      }
      const draft = draftOf(options);
      tell(await init(isAsking ? await askAnswers(draft, { signal }) : draft, options), options);
    });
}

interface Written extends NextSteps {
  files: string[];
  recipients: string[];
  identityFile: string | null;
}

/** Everything is checked before the first thing is written. */
async function init({ identityOut, ...given }: Draft, options: InitOptions): Promise<Written> {
  const answers = checkAnswers({
    ...given,
    holdfast: runsOnGithub(given) ? (given.holdfast ?? noReference(options)) : null,
  });
  const files = (recipients: readonly string[]) => ({
    'holdfast.yml': holdfastYml(answers, recipients),
    ...(answers.holdfast === null ? {} : callerWorkflows(answers.holdfast)),
  });
  for (const recipient of options.recipient ?? []) await checkRecipient(recipient);
  const trial = files(options.recipient ?? ['age1']);
  checkConfig(parse(trial['holdfast.yml']), 'holdfast.yml');
  const names = Object.keys(trial);
  refuseToOverwrite(options.out, names, options.force ?? false);
  const identityFile = options.recipient ? null : resolve(identityOut);
  if (identityFile !== null) refuseInWorkTree(identityFile);
  const recipients =
    identityFile === null ? options.recipient! : [await makeKeyPair(identityFile, '--identity-out')];
  writeFiles(options.out, files(recipients));
  return { files: names, recipients, identityFile, ...nextSteps(answers, identityFile) };
}

function draftOf(options: InitOptions): Draft {
  const database = options.database ?? 'crm';
  return {
    database,
    source: options.source ?? 'postgres',
    appUrl: options.appUrl ?? null,
    stores: options.store ?? ['artifact'],
    bucket: options.bucket ?? null,
    region: options.region ?? 'us-east-1',
    endpoint: options.endpoint ?? null,
    folder: options.folder ?? null,
    heartbeat: options.heartbeat ?? false,
    webhook: options.webhook ?? false,
    pages: options.pages,
    siteUrl: options.siteUrl ?? null,
    postgresMajor: options.postgresMajor ?? null,
    holdfast: hasOwnWorkflows(options.out) ? null : (options.holdfastRef ?? ownReference()),
    identityOut: options.identityOut ?? join(homedir(), `holdfast-${database}-identity.txt`),
  };
}

function noReference(options: InitOptions): null {
  if (hasOwnWorkflows(options.out)) return null;
  throw new ConfigError('Which Holdfast the workflows should call is not known. Nothing was written.', {
    hint: 'Give --holdfast-ref OWNER/REPO@SHA, with the 40 digits of a commit of Holdfast on GitHub.',
    publicReason: 'an option is missing',
  });
}

function tell(written: Written, { out, json }: InitOptions) {
  if (json) return printJson(written);
  const { files, recipients, identityFile, commands, advice } = written;
  print(`Written into ${resolve(out)}:\n${files.map((file) => `  ${file}`).join('\n')}`);
  print(`\nRecipient:\n${recipients.map((recipient) => `  ${recipient}`).join('\n')}`);
  if (identityFile !== null) print(`Identity:\n  ${identityFile}`);
  print(`\nRun, in the repository:\n${commands.map((line) => `  ${line}`).join('\n')}`);
  print(`\nThen:\n${advice.map((line, index) => `  ${index + 1}. ${line}`).join('\n')}`);
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function majorOf(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number such as 17.');
}
