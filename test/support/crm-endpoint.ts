import pg from 'pg';
import { type AuditEvent, createBackupEndpoint, type EndpointOptions, migrate } from '../../src/crm/mount.ts';
import { newDatabase, run, server } from './servers.ts';

export const apiKey = 'a key of the tests, not a secret';
const base = 'http://crm.test/api/admin/backup';

/** A small CRM: what the mission's Prisma schema comes to. */
export const smallCrm = `
  CREATE TABLE staff (id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text);
  CREATE TABLE enquiries (id serial PRIMARY KEY, name text NOT NULL, staff_id int REFERENCES staff, created_at timestamptz DEFAULT now());
  INSERT INTO staff (email, name) VALUES ('ada@crm.test', 'Ada'), ('bob@crm.test', NULL);
  INSERT INTO enquiries (name, staff_id) VALUES ('Küche', 1), ('two\nlines', 2), ('nobody''s', NULL);`;

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** A CRM's database with the endpoint on it, owned by a role that is no superuser, as hosted ones are. */
export class CrmUnderTest implements AsyncDisposable {
  readonly url: string;
  readonly events: AuditEvent[] = [];
  readonly pool: pg.Pool;
  readonly #superUrl: string;
  readonly #pools: pg.Pool[] = [];
  readonly #handle: (request: Request) => Promise<Response>;

  constructor(url: string, superUrl: string, options: Partial<EndpointOptions>) {
    this.url = url;
    this.#superUrl = superUrl;
    this.pool = this.newPool();
    this.#handle = this.another(this.pool, options);
  }

  newPool(max = 10): pg.Pool {
    const pool = new pg.Pool({ connectionString: this.url, max });
    pool.on('error', () => {});
    this.#pools.push(pool);
    return pool;
  }

  /** Another server of the same CRM. */
  another(pool: pg.Pool, options: Partial<EndpointOptions> = {}) {
    return createBackupEndpoint({
      pool,
      apiKey,
      audit: (event) => void this.events.push(event),
      ...options,
    }).handle;
  }

  /** As the CRM's own role. */
  sql(text: string): Promise<Record<string, unknown>[]> {
    return run(this.url, text);
  }

  asSuperuser(text: string): Promise<Record<string, unknown>[]> {
    return run(this.#superUrl, text);
  }

  async send(
    method: string,
    path = '',
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return await sendTo(this.#handle, method, path, body, headers);
  }

  /** The table's rows to the byte, whatever the order they lie in. */
  async copyText(...tables: string[]): Promise<string[]> {
    const texts: string[] = [];
    for (const table of tables) {
      const rows = await this.sql(
        `SELECT ROW(t.*)::text AS row FROM ${table} t ORDER BY ROW(t.*)::text COLLATE "C"`,
      );
      texts.push(`${table}\n${rows.map(({ row }) => row).join('\n')}`);
    }
    return texts;
  }

  /** Lets time pass for the rules, which go by the database. */
  async later(minutes: number): Promise<void> {
    await this.sql(`UPDATE backups SET created_at = created_at - ${minutes} * interval '1 minute'`);
  }

  async [Symbol.asyncDispose]() {
    for (const pool of this.#pools) await pool.end();
  }
}

export async function sendTo(
  handle: (request: Request) => Promise<Response>,
  method: string,
  path = '',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array
      ? body
      : JSON.stringify(body);
  const response = await handle(
    new Request(`${base}${path}`, {
      method,
      headers: { 'x-api-key': apiKey, ...headers },
      ...(text === undefined ? {} : { body: text as BodyInit }),
    }),
  );
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

/** @param sql what the CRM has, before the migration */
export async function openCrm(
  options: Partial<EndpointOptions> & { major?: number; sql?: string; isMigrated?: boolean } = {},
): Promise<CrmUnderTest> {
  const { major = 18, sql = smallCrm, isMigrated = true, ...rest } = options;
  const host = await server(major);
  await run(
    host.url,
    `DO $$ BEGIN CREATE ROLE crm_app LOGIN PASSWORD 'crm'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
  );
  const superUrl = await newDatabase(major, 'OWNER crm_app');
  const url = new URL(superUrl);
  [url.username, url.password] = ['crm_app', 'crm'];
  const crm = new CrmUnderTest(url.href, superUrl, rest);
  await crm.sql(sql);
  if (isMigrated) await migrate(crm.pool, options.schema);
  return crm;
}
