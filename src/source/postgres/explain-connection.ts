import { lookup, resolve6 } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { ConfigError, HoldfastError, SourceError } from '../../lib/errors.ts';
import { explainTls } from './explain-tls.ts';
import { pastIpv6, pastThePooler } from './hosting.ts';

/** Where a connection was to go, as messages may name it. */
export interface Destination {
  host: string;
  port: number;
  label: string;
}

/** How names become addresses. */
const dns = {
  addressesOf: (host: string): Promise<{ family: number }[]> => lookup(host, { all: true }),
  ipv6AddressesOf: (host: string): Promise<string[]> => resolve6(host),
};

const safe = 'Nothing was read or written.';
const unroutable = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL']);

/** Turns a failure to connect into what happened, whether data is safe, and what to do. */
export async function explainConnection(
  error: unknown,
  destination: Destination,
  names = dns,
): Promise<HoldfastError> {
  if (error instanceof HoldfastError) return error;
  if (await isIpv6Only(error, destination.host, names)) {
    return new ConfigError(
      `The host of ${destination.label}, ${destination.host}, has only an IPv6 address, and this machine cannot reach it. ${safe}`,
      { hint: pastIpv6(destination.host), publicReason: 'the database host has only an IPv6 address' },
    );
  }
  return (
    explainTls(error, destination) ?? explainLogin(error, destination) ?? explainNetwork(error, destination)
  );
}

/** Every address tried was IPv6 without a route, or the name has none but IPv6 and nothing answered. */
async function isIpv6Only(error: unknown, host: string, names: typeof dns): Promise<boolean> {
  const tried = ((error as AggregateError).errors ?? [error]) as { code?: string; address?: string }[];
  if (
    tried.length > 0 &&
    tried.every(({ code, address }) => unroutable.has(code ?? '') && isIPv6(address ?? ''))
  )
    return true;
  const { code, message } = error as NodeJS.ErrnoException;
  if (isIPv6(host)) return false;
  if (code === 'ETIMEDOUT' || message === 'timeout expired') {
    const addresses = await names.addressesOf(host).catch(() => []);
    return addresses.length > 0 && addresses.every(({ family }) => family === 6);
  }
  // Some resolvers hide IPv6 addresses from a machine without IPv6; the name server itself does not.
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    return (await names.ipv6AddressesOf(host).catch(() => [])).length > 0;
  }
  return false;
}

function explainLogin(error: unknown, { host, port, label }: Destination): HoldfastError | null {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `${host}:${port}`;
  // The driver's own words for a URL without a password, to a server that asks for one.
  if (/client password must be a (?:non-empty )?string/.test(message)) {
    return new ConfigError(`${where} asks for a password, and the URL of ${label} has none. ${safe}`, {
      hint: 'Put it into the secret behind the URL, percent-encoded: postgres://user:password@host/name',
      publicReason: 'the database asks for a password',
    });
  }
  switch (code) {
    case '28P01':
    case '28000':
      return new ConfigError(
        `${where} refused the login to ${label}: wrong user or password, or not allowed from here. ${safe}`,
        {
          hint: 'Check the user and the secret behind the URL; a password with special characters must be percent-encoded.',
          publicReason: 'the database refused the login',
        },
      );
    case '3D000':
      return new ConfigError(
        `The server at ${where} has no database of the name given for ${label}. ${safe}`,
        {
          hint: 'Check the last part of the URL, after the host.',
          publicReason: 'the database does not exist',
        },
      );
    case '53300':
      return new SourceError(`The server at ${where} has no connection left for ${label}. ${safe}`, {
        hint: 'Run it again later, or lower max-connections.',
        publicReason: 'the database server has too many connections',
      });
    case '08P01': {
      const isFull = /query_wait_timeout|no more connections/.test(message);
      const named =
        pastThePooler(host, port) ?? 'A pooler may stand in between: give the URL of the server itself.';
      return new SourceError(`${where} refused the connection for ${label}: ${message}. ${safe}`, {
        hint: isFull ? 'Raise the pool’s size above max-connections + 2, or run it again later.' : named,
        publicReason: isFull ? 'the pooler has too few sessions' : 'the pooler refused the connection',
      });
    }
    default:
      return null;
  }
}

function explainNetwork(error: unknown, { host, port, label }: Destination): HoldfastError {
  const { code: first, message, errors } = error as NodeJS.ErrnoException & Partial<AggregateError>;
  // Of several addresses, one that answered says more than one that could not be reached.
  const code = errors?.some((each) => each.code === 'ECONNREFUSED') ? 'ECONNREFUSED' : first;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new SourceError(`The host of ${label}, ${host}, has no address. ${safe}`, {
        hint: 'Check the host name in the URL.',
        publicReason: 'the database host was not found',
      });
    case 'ECONNREFUSED':
    case 'ENOENT':
      return new SourceError(`Nothing listens at ${host}:${port} for ${label}. ${safe}`, {
        hint: 'Check host and port in the URL, and that the server is running and reachable from here.',
        publicReason: 'the database server refused the connection',
      });
    default:
      return new SourceError(
        `Could not connect to ${label} at ${host}:${port}: ${message || code}. ${safe}`,
        {
          hint: ['Running it again is safe.', pastThePooler(host, port)].filter(Boolean).join(' '),
          publicReason: 'the database could not be reached',
          cause: error,
        },
      );
  }
}
