import pg from 'pg';
import { type Address, type ConnectionTarget, readAddress } from './address.ts';
import { explainConnection } from './explain-connection.ts';
import { answeredOddly, hasNoTls, isAboutTls } from './explain-tls.ts';
import { refuseSharedSessions } from './preflight.ts';
import { connectionOf, ReusingSocket } from './wire.ts';

export type { ConnectionTarget };

/** What the server announced while the connection was made, by parameter name: `server_version` and others. */
export type ServerParameters = Map<string, string>;

/** Fixed for every session, so that COPY text means the same on any server and nothing cuts a long read short. */
const sessionSettings = [
  "DateStyle = 'ISO, MDY'",
  "IntervalStyle = 'postgres'",
  "TimeZone = 'UTC'",
  'extra_float_digits = 3',
  // Money is printed and read by it, and only C means the same everywhere.
  "lc_monetary = 'C'",
  "bytea_output = 'hex'",
  'standard_conforming_strings = on',
  'synchronize_seqscans = off',
  // A policy that would hide rows must be an error, never a smaller backup.
  'row_security = off',
  'statement_timeout = 0',
  'idle_in_transaction_session_timeout = 0',
  'search_path = pg_catalog',
];

/** A client with the session settings applied, and the parameters its server announced. */
export interface Connected {
  client: pg.Client;
  parameters: ServerParameters;
}

/** Targets known to give each connection a server session of its own, so that this is asked once. */
const checked = new WeakMap<ConnectionTarget, Promise<void>>();

/**
 * Opens a connection. The caller ends it.
 *
 * @throws ConfigError or SourceError in plain words, without password or URL
 */
export async function connect(
  target: ConnectionTarget,
  options: { lockTimeoutMs?: number } = {},
): Promise<Connected> {
  const address = await readAddress(target);
  const connected = await open(address, target.label);
  const { client, parameters } = connected;
  try {
    await preflight(target, client, async () => (await open(address, target.label)).client);
    const settings = [...sessionSettings, `lock_timeout = ${options.lockTimeoutMs ?? 0}`];
    // A SQL_ASCII database holds bytes of no known encoding; asking for UTF-8 would refuse them.
    settings.push(
      `client_encoding = '${parameters.get('server_encoding') === 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8'}'`,
    );
    if (serverMajor(parameters) >= 17) settings.push('transaction_timeout = 0');
    await client.query(settings.map((setting) => `SET ${setting}`).join('; '));
  } catch (error) {
    await disconnect(client);
    throw await explainConnection(error, { host: client.host, port: client.port, label: target.label });
  }
  return connected;
}

async function preflight(target: ConnectionTarget, client: pg.Client, another: () => Promise<pg.Client>) {
  const checking = checked.get(target) ?? refuseSharedSessions(client, another, target.label);
  checked.set(target, checking);
  try {
    await checking;
  } catch (error) {
    checked.delete(target);
    throw error;
  }
}

/** Says of the server no more than that it would not speak of TLS. */
const isMute = (error: unknown) => hasNoTls(error) || answeredOddly(error);

/** Tries with and without TLS as the URL allows; of two failures the one with TLS says more. */
async function open(address: Address, label: string): Promise<Connected> {
  let failure: unknown = null;
  for (const tls of address.tls) {
    const parameters: ServerParameters = new Map();
    const client = new pg.Client({
      ...address.client,
      ssl: tls,
      ...(tls ? {} : { stream: () => new ReusingSocket() }),
      application_name: 'holdfast',
      connectionTimeoutMillis: 20_000,
      // Without it a network that dies in silence is waited for without end.
      keepAlive: true,
      keepAliveInitialDelayMillis: 30_000,
    });
    // A connection that dies between queries must surface at the next query, not as an uncaught event.
    client.on('error', () => {});
    (connectionOf(client) as unknown as NodeJS.EventEmitter).on(
      'parameterStatus',
      (message: { parameterName: string; parameterValue: string }) =>
        parameters.set(message.parameterName, message.parameterValue),
    );
    try {
      await client.connect();
      return { client, parameters };
    } catch (error) {
      await disconnect(client);
      if (failure === null || isMute(failure) || (tls && !isMute(error))) failure = error;
      if (isAboutTls(error) && tls !== address.tls.at(-1)) continue;
      throw await explainConnection(failure, { host: client.host, port: client.port, label });
    }
  }
  throw new Error('an address without a way to connect');
}

/** Ends a connection, politely if the server answers within two seconds. Never throws. */
export async function disconnect(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => connectionOf(client).stream.destroy(), 2000);
  await client.end().catch(() => {});
  clearTimeout(cut);
}

/** `15` of `15.18 (Debian …)`, `19` of `19beta1`. */
export function serverMajor(parameters: ServerParameters): number {
  return Number.parseInt(parameters.get('server_version') ?? '', 10);
}
