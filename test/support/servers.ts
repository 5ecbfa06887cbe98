import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/scratch/embedded.ts';

/** Servers of a test file, started when first asked for and stopped by `stopServers`. */
const started = new Map<number, Promise<EmbeddedPostgres>>();
let databases = 0;

export const majors = [15, 17, 18] as const;

export function server(major: number): Promise<EmbeddedPostgres> {
  const existing = started.get(major);
  if (existing) return existing;
  const starting = startEmbeddedPostgres({ major });
  started.set(major, starting);
  return starting;
}

export async function stopServers(): Promise<void> {
  for (const starting of started.values()) await (await starting).stop();
  started.clear();
}

/** Runs SQL in a database; returns the rows of the last statement. */
export async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = (await client.query(sql)) as pg.QueryResult | pg.QueryResult[];
    return (Array.isArray(result) ? result.at(-1)! : result).rows;
  } finally {
    await client.end();
  }
}

/** A new empty database on the server of that major; returns its URL. */
export async function newDatabase(major: number, options = ''): Promise<string> {
  const host = await server(major);
  const name = `test_${++databases}`;
  await run(host.url, `CREATE DATABASE ${name} ${options}`);
  return host.urlOf(name);
}
