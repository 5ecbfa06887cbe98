import type { TLSSocket } from 'node:tls';
import type pg from 'pg';
import { counted } from '../lib/format.ts';
import { type ConnectionTarget, readAddress } from '../source/postgres/address.ts';
import { readCatalog } from '../source/postgres/catalog.ts';
import { type Connected, connect, disconnect, serverMajor } from '../source/postgres/connect.ts';
import { explainServer } from '../source/postgres/explain-server.ts';
import { choosePgDump, type PgDumpSources } from '../source/postgres/pg-dump-choice.ts';
import { connectionOf } from '../source/postgres/wire.ts';
import { compareClocks } from './clock.ts';
import { type Finding, ok, thrown, warning } from './finding.ts';

export interface DatabaseToCheck {
  about: string;
  target: ConnectionTarget;
  excludeRows: readonly string[];
  /** That read rows; a backup opens two more. */
  connections: number;
  now(): number;
  pgDump?: PgDumpSources;
}

/** Whether a backup could read all of a database; reads its catalog and no row. */
export async function checkDatabase(database: DatabaseToCheck): Promise<Finding[]> {
  const { about, target, connections } = database;
  const first = await connect(target);
  const open: Connected[] = [first];
  try {
    const findings = [await checkTls(database, first)];
    for (const look of [checkClock, checkVersion, checkRights])
      findings.push(...(await look(database, first).catch((error) => [thrown(about, error)])));
    const others = await Promise.allSettled(
      Array.from({ length: connections + 1 }, async () => open.push(await connect(target))),
    );
    const refused = others.find((each) => each.status === 'rejected');
    if (refused) findings.push(thrown(about, refused.reason));
    else findings.push(ok(about, `It gives the ${connections + 2} connections that a backup needs.`));
    return findings;
  } finally {
    await Promise.all(open.map(({ client }) => disconnect(client)));
  }
}

async function checkTls({ about, target }: DatabaseToCheck, { client }: Connected): Promise<Finding> {
  const where = `${client.host}:${client.port}`;
  const { tls } = await readAddress(target);
  const stream = connectionOf(client).stream as Partial<TLSSocket>;
  const isLocal = /^(\/|localhost$|127\.|::1$)/.test(client.host);
  if (!stream.encrypted) {
    if (isLocal) return ok(about, `It answers at ${where}.`, 'It answers.');
    const text = `It answers at ${where}, but in clear: whoever is in between reads every row.`;
    const advice = 'Switch TLS on at the server, and add sslmode=verify-full to the URL.';
    return warning(about, text, advice, 'It answers, but in clear.');
  }
  const isVerified = tls.every((way) => way !== false && way.rejectUnauthorized && !way.checkServerIdentity);
  if (isVerified) return ok(about, `It answers at ${where} with TLS and a valid certificate.`, 'It answers.');
  const text = `It answers at ${where} with TLS, but nobody checks that it is the right server.`;
  const advice = 'Add sslmode=verify-full to the URL, and sslrootcert=FILE for an authority of your own.';
  return warning(about, text, advice, 'It answers, but its certificate is not checked.');
}

async function checkClock({ about, now }: DatabaseToCheck, { client }: Connected): Promise<Finding[]> {
  const before = now();
  const { rows } = await client.query<{ ms: string }>(
    'SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::int8 AS ms',
  );
  return compareClocks(about, 'the database server', Number(rows[0]!.ms), (before + now()) / 2);
}

async function checkVersion(
  { about, pgDump }: DatabaseToCheck,
  { parameters }: Connected,
): Promise<Finding[]> {
  const major = serverMajor(parameters);
  const chosen = await choosePgDump(major, pgDump);
  return [ok(about, `It is PostgreSQL ${major}, which pg_dump ${chosen.description} reads.`)];
}

async function checkRights(
  { about, excludeRows }: DatabaseToCheck,
  { client }: Connected,
): Promise<Finding[]> {
  const catalog = await inTransaction(client, () => readCatalog(client, excludeRows)).catch((error) => {
    throw explainServer(error, 'the catalog was read');
  });
  const findings = [ok(about, `The role may read everything: ${counted(catalog.tables.length, 'table')}.`)];
  const left = catalog.notCarried.map(({ name, reason }) => `${name} (${reason})`);
  if (left.length > 0) {
    const text = `Left out on purpose, rows or all of it: ${left.join(', ')}.`;
    findings.push(
      ok(
        about,
        text,
        `${counted(left.length, 'object')} ${left.length === 1 ? 'is' : 'are'} left out on purpose.`,
      ),
    );
  }
  return findings;
}

async function inTransaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK').catch(() => {});
  }
}
