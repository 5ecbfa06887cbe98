import { Command, InvalidArgumentError } from 'commander';
import pg from 'pg';
import { minimumKeyLength } from '../crm/authenticate.ts';
import { readBackupsTable } from '../crm/backups-table.ts';
import { createBackupEndpoint, migrate } from '../crm/mount.ts';
import { serveCrm } from '../crm/serve.ts';
import { ConfigError, StoreError } from '../lib/errors.ts';
import { print } from './output.ts';

/** `crm serve`: the CRM's side of the backups, for trying it out on a database of one's own. */
export function crmCommand(signal: AbortSignal): Command {
  const serve = new Command('serve')
    .description("serve the CRM's backup endpoint on loopback; makes its tables where they are missing")
    .option('--database-url-from <name>', 'variable that holds the URL of the database', 'DATABASE_URL')
    .option('--api-key-from <name>', 'variable that holds the key', 'CRM_API_KEY')
    .option('--port <port>', 'where to listen; 0 means any', parsePort, 8787)
    .action(async (options: { databaseUrlFrom: string; apiKeyFrom: string; port: number }) => {
      const connectionString = required(options.databaseUrlFrom);
      const apiKey = required(options.apiKeyFrom);
      if (apiKey.length < minimumKeyLength)
        throw new ConfigError(
          `The key in ${options.apiKeyFrom} is shorter than ${minimumKeyLength} characters.`,
          {
            hint: 'Make one with: openssl rand -hex 20',
          },
        );
      const pool = new pg.Pool({ connectionString, max: 4 });
      // A connection that is lost while idle is replaced; without a listener it would end the process.
      pool.on('error', () => {});
      try {
        await prepare(pool).catch(explain);
        const endpoint = createBackupEndpoint({ pool, apiKey });
        const served = await serveCrm({ endpoint, port: options.port, signal }).catch(explain);
        print(`${served.url}/api/admin/backup\nCtrl-C ends it. docs/crm.md shows what to send.`);
        await served.closed;
      } finally {
        await pool.end();
      }
    });
  return new Command('crm')
    .description("the CRM's own side, for trying it out")
    .addCommand(serve.exitOverride());
}

/** What the endpoint backs up, unless a CRM that mounts it says otherwise. */
const carried = ['enquiries', 'staff'];

/** @throws ConfigError when the database is not a CRM's, before a table is made in it, or when its table of backups is another */
async function prepare(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) name WHERE to_regclass('public.' || quote_ident(name)) IS NULL`,
    [carried],
  );
  if (rows.length > 0) {
    const missing = rows.map(({ name }) => `public.${name}`).join(' and ');
    throw new ConfigError(
      `The database has no table ${missing}, so there is nothing to back up. It is as it was.`,
      {
        hint: "Give the URL of the CRM's own database. A CRM whose tables have other names mounts the endpoint itself (docs/crm.md).",
      },
    );
  }
  await migrate(pool);
  const client = await pool.connect();
  try {
    await readBackupsTable(client, 'public');
  } finally {
    client.release();
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new ConfigError(`The variable ${name} is not set. Nothing was read or written.`, {
    hint: 'Secrets are never arguments: other users of the machine could read them there.',
    publicReason: 'a variable is not set',
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('It is a number from 0 to 65535.');
}

function explain(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === '42501')
    throw new ConfigError(`The role may not make the tables: ${message}.`, {
      hint: 'GRANT CREATE ON SCHEMA public TO the role, or run migrationSql() of docs/crm.md as the owner first.',
    });
  if (code === 'EADDRINUSE')
    throw new ConfigError('Another program listens on that port.', {
      hint: 'Choose another with --port, or 0 for any.',
    });
  if (error instanceof Error && code)
    throw new StoreError(`The database could not be used: ${message}`, {
      hint: 'Check the URL, and that it runs.',
      cause: error,
    });
  throw error;
}
