import pg from 'pg';
import { parse } from 'pg-connection-string';
import { ConfigError, type HoldfastError, SourceError } from '../../lib/errors.ts';
import { connectionOf } from './wire.ts';

/** How to reach one database: a libpq URL, and what it is called in messages. */
export interface ConnectionTarget {
  url: string;
  /** Such as `database "crm"` or `scratch`; the URL itself is never shown. */
  label: string;
}

/** What the server announced while the connection was made, by parameter name: `server_version` and others. */
export type ServerParameters = Map<string, string>;

/** Fixed for every session, so that COPY text means the same on any server and nothing cuts a long read short. */
const sessionSettings = [
  "client_encoding = 'UTF8'",
  "DateStyle = 'ISO, MDY'",
  "IntervalStyle = 'postgres'",
  "TimeZone = 'UTC'",
  'extra_float_digits = 3',
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

/**
 * Opens a connection. The caller ends it.
 *
 * @throws ConfigError or SourceError in plain words, without host password or URL
 */
export async function connect(
  target: ConnectionTarget,
  options: { lockTimeoutMs?: number } = {},
): Promise<Connected> {
  const parameters: ServerParameters = new Map();
  const client = new pg.Client({
    ...clientConfig(target),
    application_name: 'holdfast',
    connectionTimeoutMillis: 20_000,
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
    const settings = [...sessionSettings, `lock_timeout = ${options.lockTimeoutMs ?? 0}`];
    if (serverMajor(parameters) >= 17) settings.push('transaction_timeout = 0');
    await client.query(settings.map((setting) => `SET ${setting}`).join('; '));
  } catch (error) {
    await disconnect(client);
    throw explainConnection(error, target);
  }
  return { client, parameters };
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

function clientConfig(target: ConnectionTarget): pg.ClientConfig {
  if (!/^postgres(ql)?:\/\//.test(target.url)) {
    throw new ConfigError(`The URL of ${target.label} does not begin with postgres:// or postgresql://.`, {
      hint: 'It has the form postgres://user:password@host:5432/name?sslmode=verify-full',
      publicReason: 'the database URL is not valid',
    });
  }
  try {
    const { host, port, user, password, database, ssl } = parse(target.url, {
      useLibpqCompat: !target.url.includes('uselibpqcompat'),
    });
    return {
      ...(host ? { host } : {}),
      ...(port ? { port: Number(port) } : {}),
      ...(user ? { user } : {}),
      ...(password ? { password } : {}),
      ...(database ? { database } : {}),
      ...(ssl === undefined ? {} : { ssl: ssl as NonNullable<pg.ClientConfig['ssl']> }),
    };
  } catch (error) {
    // The parser's own message may quote the URL.
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'a certificate file named in it does not exist'
        : 'it cannot be parsed';
    throw new ConfigError(`The URL of ${target.label} is not valid: ${reason}.`, {
      hint: 'Characters such as @ : / ? # in a user name or password must be percent-encoded.',
      publicReason: 'the database URL is not valid',
    });
  }
}

/** Turns a failure to connect into what happened, whether data is safe, and what to do. */
function explainConnection(error: unknown, target: ConnectionTarget): HoldfastError {
  const { code, message } = error as NodeJS.ErrnoException;
  const { hostname, port } = new URL(target.url);
  const where = `${hostname}:${port || 5432}`;
  const safe = 'Nothing was read or written.';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new SourceError(`The host of ${target.label}, ${hostname}, has no address. ${safe}`, {
        hint: 'Check the host name in the URL.',
        publicReason: 'the database host was not found',
      });
    case 'ECONNREFUSED':
      return new SourceError(`Nothing listens at ${where} for ${target.label}. ${safe}`, {
        hint: 'Check host and port in the URL, and that the server is running and reachable from here.',
        publicReason: 'the database server refused the connection',
      });
    case '28P01':
    case '28000':
      return new ConfigError(
        `${where} refused the login to ${target.label}: wrong user or password, or not allowed from here. ${safe}`,
        {
          hint: 'Check the user and the secret behind the URL; a password with special characters must be percent-encoded.',
          publicReason: 'the database refused the login',
        },
      );
    case '3D000':
      return new ConfigError(
        `The server at ${where} has no database of the name given for ${target.label}. ${safe}`,
        {
          hint: 'Check the last part of the URL, after the host.',
          publicReason: 'the database does not exist',
        },
      );
    case '53300':
      return new SourceError(`The server at ${where} has no connection left for ${target.label}. ${safe}`, {
        hint: 'Run it again later, or lower max-connections.',
        publicReason: 'the database server has too many connections',
      });
    default:
      return new SourceError(`Could not connect to ${target.label} at ${where}: ${message}. ${safe}`, {
        hint: 'Running it again is safe.',
        publicReason: 'the database could not be reached',
        cause: error,
      });
  }
}
