import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import pg from 'pg';
import { backup, summarise } from '../backup.ts';
import { fillCrm } from '../demo/crm.ts';
import { formatDuration } from '../lib/format.ts';
import { inStep } from '../lib/progress.ts';
import { restoreTest } from '../restore-test.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../scratch/embedded.ts';
import { status } from '../status.ts';
import { verify } from '../verify.ts';
import { type Context, openContext, readIdentities, sourceOptions } from './context.ts';
import { makeKeyPair } from './keygen-command.ts';
import { servePage } from './serve-page.ts';
import { describe } from './status-command.ts';

const folder = fileURLToPath(new URL('../../.holdfast/demo', import.meta.url));
const files = {
  config: join(folder, 'holdfast.yml'),
  identity: join(folder, 'identity.txt'),
  page: join(folder, 'page'),
};

interface DemoOptions {
  enquiries: number;
  seed: number;
  serve: boolean;
  port: number;
}

export function demoCommand(signal: AbortSignal): Command {
  return new Command('demo')
    .description('the whole way on an embedded PostgreSQL with a made-up CRM')
    .option('--enquiries <n>', 'how large the CRM is', wholeNumber, 5000)
    .option('--seed <n>', 'which CRM it is', wholeNumber, 1)
    .option('--port <n>', 'where the page is served', wholeNumber, 4400)
    .option('--no-serve', 'end when the page is built')
    .action((options: DemoOptions) => demo(options, signal));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const startedMs = Date.now();
  mkdirSync(folder, { recursive: true });
  const { deps, config } = await prepare(signal);
  const { progress } = deps;
  const earlierRuns = ((await deps.ledger.read()) ?? []).filter((record) => record.verb === 'backup').length;
  // A CRM grows a little from night to night.
  const enquiries = Math.round(options.enquiries * (1 + earlierRuns / 100));

  await using server = await inStep(
    progress,
    'Starting PostgreSQL 18',
    () => startEmbeddedPostgres({ major: 18 }),
    () => 'on loopback, as a user of its own',
  );
  await inStep(
    progress,
    `Filling a CRM with ${enquiries.toLocaleString('en')} enquiries`,
    () => fill(server, enquiries, options.seed),
    ({ tables, rows }) => `${rows.toLocaleString('en')} rows in ${tables} tables`,
  );

  const source = {
    ...sourceOptions(config, 'crm'),
    target: { url: server.urlOf('crm'), label: 'the demo CRM' },
  };
  const taken = await backup(deps, source);
  say(`  ${taken.id}: ${summarise(taken)}`);
  const identities = readIdentities(files.identity, {});
  await verify(deps, { database: 'crm', id: taken.id, all: false, identities });
  const tested = await restoreTest(deps, {
    database: 'crm',
    id: taken.id,
    scratch: { kind: 'embedded' },
    identities,
  });
  say(
    `  restored in ${formatDuration(tested.restoreDurationMs)}; content root ${tested.comparison.contentRoot.actual.slice(0, 23)}…`,
  );
  const health = await status(deps, {
    databases: ['crm'],
    policy: config.health,
    outDir: files.page,
    site: true,
  });

  say(`\n${describe(health)}\n`);
  say(`Done in ${formatDuration(Date.now() - startedMs)}. Where to look, all below .holdfast/demo:`);
  say('  holdfast.yml    the configuration      identity.txt  the secret half of the key');
  say('  store/crm/      archives and receipts  ledger/       every attempt');
  say('  page/           the status page        Run the demo again to add to the history.');
  say('\nTry:  npm run -s holdfast -- list --config .holdfast/demo/holdfast.yml');
  if (options.serve) await serve(options.port, signal);
}

/** Key pair and configuration are made once and then kept, as a user would. */
async function prepare(signal: AbortSignal): Promise<Context> {
  if (!existsSync(files.config)) {
    const recipient = existsSync(files.identity) ? null : await makeKeyPair(files.identity);
    if (recipient === null)
      throw new Error('the demo folder has an identity but no configuration; remove .holdfast/demo');
    const yaml = [
      '# Written by `npm run demo`. The demo database only lives while the demo fills and backs it up.',
      'databases:',
      '  crm:',
      '    url: ${HOLDFAST_DEMO_URL}',
      'stores:',
      '  disk: { type: directory, path: store }',
      'encryption:',
      `  recipients: [${recipient}]`,
      'ledger: { type: directory, path: ledger }',
      '',
    ];
    writeFileSync(files.config, yaml.join('\n'));
  }
  process.env['HOLDFAST_DEMO_URL'] ??= 'postgres://demo.invalid/crm';
  return openContext({ config: files.config, trigger: 'demo' }, signal);
}

async function fill(server: EmbeddedPostgres, enquiries: number, seed: number) {
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('CREATE DATABASE crm');
  await admin.end();
  const client = new pg.Client({ connectionString: server.urlOf('crm') });
  await client.connect();
  try {
    return await fillCrm(client, { seed, enquiries, now: new Date() });
  } finally {
    await client.end();
  }
}

async function serve(port: number, signal: AbortSignal) {
  const page = await servePage(files.page, port);
  say(`\nThe page: ${page.url}   (Ctrl-C ends it)`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await page.stop();
}

function say(text: string) {
  process.stdout.write(`${text}\n`);
}
