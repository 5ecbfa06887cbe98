import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import pg from 'pg';
import { backup, summarise } from '../backup.ts';
import { fillCrm } from '../demo/crm.ts';
import { ConfigError } from '../lib/errors.ts';
import { formatDuration, rowsInTables } from '../lib/format.ts';
import { onAbort } from '../lib/on-abort.ts';
import { inStep } from '../lib/progress.ts';
import { sourceOptions, statusSettings } from '../open.ts';
import { restoreTest } from '../restore-test.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../scratch/embedded.ts';
import { status } from '../status.ts';
import { verify } from '../verify.ts';
import { type Context, openContext, readIdentities } from './context.ts';
import { makeKeyPair } from './keygen-command.ts';
import { servePage } from './serve-page.ts';
import { describe } from './status-command.ts';

export interface DemoOptions {
  enquiries: number;
  seed: number;
  serve: boolean;
  port: number;
  /** Where everything is kept from run to run. */
  dir: string;
}

interface DemoFiles {
  config: string;
  identity: string;
  page: string;
}

/** The whole way, from an empty server to the page, saying at each step what was done. */
export async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const startedMs = Date.now();
  const files: DemoFiles = {
    config: join(options.dir, 'holdfast.yml'),
    identity: join(options.dir, 'identity.txt'),
    page: join(options.dir, 'page'),
  };
  mkdirSync(options.dir, { recursive: true });
  const { deps, config } = await prepare(files, signal);
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
    ({ tables, rows }) => rowsInTables(rows, tables),
  );

  const source = {
    ...sourceOptions(config, 'crm', process.env),
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
    ...statusSettings(config),
    outDir: files.page,
    site: true,
  });

  say(`\n${describe(health)}\n`);
  const shown = relative(process.cwd(), options.dir) || '.';
  say(`Done in ${formatDuration(Date.now() - startedMs)}. Where to look, all below ${shown}:`);
  say('  holdfast.yml    the configuration      identity.txt  the secret half of the key');
  say('  store/crm/      archives and receipts  ledger/       every attempt');
  say('  page/           the status page        Run the demo again to add to the history.');
  say(`\nTry:  npm run -s holdfast -- list --config ${join(shown, 'holdfast.yml')}`);
  if (options.serve) await serve(files.page, options.port, signal);
}

/** Key pair and configuration are made once and then kept, as a user would. */
async function prepare(files: DemoFiles, signal: AbortSignal): Promise<Context> {
  if (!existsSync(files.config)) {
    const recipient = existsSync(files.identity) ? null : await makeKeyPair(files.identity);
    if (recipient === null)
      throw new ConfigError(`${files.identity} exists without its configuration.`, {
        hint: 'Remove that folder and run the demo again.',
      });
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

async function serve(page: string, port: number, signal: AbortSignal) {
  const server = await servePage(page, port);
  say(`\nThe page: ${server.url}   (Ctrl-C ends it)`);
  await new Promise<void>((resolve) => onAbort(signal, resolve));
  await server.stop();
}

function say(text: string) {
  process.stdout.write(`${text}\n`);
}
