import type pg from 'pg';
import { parse } from 'pg-connection-string';
import { ConfigError } from '../../lib/errors.ts';
import { readTlsAttempts, type TlsAttempts } from './tls.ts';

/** How to reach one database: a libpq URL, and what it is called in messages. */
export interface ConnectionTarget {
  url: string;
  /** Such as `database "crm"` or `scratch`; the URL itself is never shown. */
  label: string;
}

/** A URL taken apart. It holds the password, so it is never printed. */
export interface Address {
  client: pg.ClientConfig;
  tls: TlsAttempts;
}

/**
 * Takes a target's URL apart. Parameters that mean nothing here, such as `pgbouncer=true`, are passed over.
 *
 * @throws ConfigError when it is no URL of one PostgreSQL database, or its TLS settings can't be used
 */
export async function readAddress({ url, label }: ConnectionTarget): Promise<Address> {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw invalid(`The URL of ${label} does not begin with postgres:// or postgresql://.`, form);
  }
  const queryAt = url.indexOf('?');
  const base = queryAt < 0 ? url : url.slice(0, queryAt);
  const parameters = new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt + 1));
  refuseSeveralHosts(base, parameters, label);
  const client = readClient(base, parameters, label);
  const isSocket = client.host?.startsWith('/');
  return { client, tls: isSocket ? [false] : await readTlsAttempts(parameters, label) };
}

/** The same URL for another database of that server. */
export function withDatabase(url: string, database: string): string {
  const queryAt = url.indexOf('?');
  const base = queryAt < 0 ? url : url.slice(0, queryAt);
  const server = base.split('/').slice(0, 3).join('/');
  return `${server}/${encodeURIComponent(database)}${queryAt < 0 ? '' : url.slice(queryAt)}`;
}

/** Host and port for messages and plans. */
export async function whereOf(target: ConnectionTarget): Promise<string> {
  const { client } = await readAddress(target);
  return `${client.host ?? 'localhost'}:${client.port ?? 5432}`;
}

const form = 'It has the form postgres://user:password@host:5432/name?sslmode=verify-full';
const encode = 'Characters such as @ : / ? # in a user name or password must be percent-encoded.';

function refuseSeveralHosts(base: string, parameters: URLSearchParams, label: string) {
  const authority = base.split('/')[2]!;
  const hosts = `${authority.slice(authority.lastIndexOf('@') + 1)}${parameters.get('host') ?? ''}`;
  if (!hosts.includes(',')) return;
  throw invalid(
    `The URL of ${label} names several hosts.`,
    'Give the one to back up; a replica is as good as the primary.',
  );
}

function readClient(base: string, parameters: URLSearchParams, label: string): pg.ClientConfig {
  // The parser would open certificate files itself, and knows sslmode only in part.
  const rest = new URLSearchParams([...parameters].filter(([name]) => !name.startsWith('ssl')));
  try {
    const { host, port, user, password, options } = parse(`${base}?${rest}`);
    // The parser leaves %3D and other reserved characters of a name as they are.
    const database = decodeURIComponent(base.split('/').slice(3).join('/')) || parameters.get('dbname');
    // An unencoded / or ? in a password makes its first part look like a port, which messages would show.
    if (!user && base.includes('@')) throw new Error('no user before the @');
    // With an unencoded @ in it, a part of the password would be taken for the host, and shown.
    if (base.split('@').length > 2) throw new Error('more than one @');
    if (!user && /@/.test([...rest.keys()].join())) throw new Error('an @ where no host was');
    if (port && !/^\d+$/.test(port)) throw new Error('the port is no number');
    return {
      ...(host ? { host } : {}),
      ...(port ? { port: Number(port) } : {}),
      ...(user ? { user } : {}),
      ...(password ? { password } : {}),
      ...(database ? { database } : {}),
      ...(options ? { options } : {}),
    };
  } catch {
    // The parser's own message may quote the URL.
    throw invalid(`The URL of ${label} is not valid: it cannot be parsed.`, encode);
  }
}

function invalid(message: string, hint: string): ConfigError {
  return new ConfigError(message, { hint, publicReason: 'the database URL is not valid' });
}
