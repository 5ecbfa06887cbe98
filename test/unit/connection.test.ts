import { describe, expect, test } from 'vitest';
import { ConfigError, SourceError } from '../../src/lib/errors.ts';
import { readAddress } from '../../src/source/postgres/address.ts';
import { explainConnection } from '../../src/source/postgres/explain-connection.ts';
import { pastThePooler } from '../../src/source/postgres/hosting.ts';

const label = 'database "crm"';
const read = (url: string) => readAddress({ url, label });

describe('a URL', () => {
  test.each([
    ['postgres://u:p%40ss@h:1234/d', { host: 'h', port: 1234, user: 'u', password: 'p@ss', database: 'd' }],
    ['postgresql://u@h/a%3Db%2Fc', { host: 'h', user: 'u', database: 'a=b/c' }],
    ['postgres://u@[2001:db8::1]:5432/d', { host: '2001:db8::1', port: 5432, user: 'u', database: 'd' }],
    ['postgres://u@/d?host=/run/postgresql', { host: '/run/postgresql', user: 'u', database: 'd' }],
    ['postgres://h/d?user=a@b', { host: 'h', user: 'a@b', database: 'd' }],
    [
      'postgres://u@h/d?pgbouncer=true&options=endpoint%3Dx',
      { host: 'h', user: 'u', database: 'd', options: 'endpoint=x' },
    ],
  ])('%s', async (url, client) => {
    expect((await read(url)).client).toEqual(client);
  });

  test('to a Unix socket never asks for TLS', async () => {
    expect((await read('postgres://u@/d?host=/run/postgresql&sslmode=verify-full')).tls).toEqual([false]);
  });

  test.each([
    ['mysql://u:M4rk@h/d', /does not begin with postgres/],
    ['postgres://u:M4rk@a,b/d', /several hosts/],
    ['postgres://u:M4rk@a:1,b:2/d', /several hosts/],
    ['postgres://u:4242/M4rk@h/d', /cannot be parsed/],
    ['postgres://u:4242?M4rk@h/d', /cannot be parsed/],
    ['postgres://u:4242#M4rk@h/d', /cannot be parsed/],
    ['postgres://u:M4rk@h:port/d', /cannot be parsed/],
    ['postgres://u:M4rk@h/d?port=4x', /cannot be parsed/],
  ])('%s is refused without showing any of it', async (url, says) => {
    const refused = await read(url).catch((error) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused.message).toMatch(says);
    expect(`${refused.message} ${refused.hint}`).not.toMatch(/M4rk|4242/);
  });
});

describe('a host with only an IPv6 address', () => {
  const destination = { host: 'db.abcdef.supabase.co', port: 5432, label };
  const names = {
    addressesOf: async () => [{ family: 6 }],
    ipv6AddressesOf: async () => ['2001:db8::1'],
  };
  const unreachable = { code: 'ENETUNREACH', address: '2001:db8::1', message: 'connect ENETUNREACH' };

  test.each<[string, object]>([
    ['no route', unreachable],
    [
      'no route to any of several',
      { errors: [unreachable, { ...unreachable, code: 'EHOSTUNREACH' }], message: '' },
    ],
    ['no answer', { message: 'timeout expired' }],
    ['a resolver that hides the address', { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND' }],
  ])('%s: the fix is named', async (_, error) => {
    const explained = await explainConnection(error, destination, names);
    expect(explained).toBeInstanceOf(ConfigError);
    expect(explained.message).toMatch(/only an IPv6 address.*Nothing was read or written/);
    expect(explained.hint).toMatch(/session pooler.*IPv4 add-on/);
    expect(explained.publicReason).not.toContain('supabase');
  });

  test.each<[string, object, RegExp]>([
    [
      'an IPv4 address refused',
      {
        errors: [unreachable, { code: 'ECONNREFUSED', address: '192.0.2.1' }],
        code: 'ENETUNREACH',
        message: '',
      },
      /Nothing listens/,
    ],
    ['an IPv4 address without a route', { ...unreachable, address: '192.0.2.1' }, /Could not connect/],
    ['a wrong password', { code: '28P01', message: 'password' }, /refused the login/],
  ])('is not what is said of %s', async (_, error, says) => {
    const explained = await explainConnection(error, destination, names);
    expect(explained.message).toMatch(says);
    expect(explained.message).not.toContain('IPv6');
  });

  test('nor of a name that nobody knows, or that has both', async () => {
    const nowhere = {
      addressesOf: async () => [{ family: 4 }, { family: 6 }],
      ipv6AddressesOf: async () => [],
    };
    for (const error of [{ code: 'ENOTFOUND', message: '' }, { message: 'timeout expired' }]) {
      expect(await explainConnection(error, destination, nowhere)).toBeInstanceOf(SourceError);
    }
  });
});

test.each([
  ['ep-x-1-pooler.eu-central-1.aws.neon.tech', 5432, /same name without "-pooler"/],
  ['aws-0-eu-west-1.pooler.supabase.com', 6543, /session pooler, the same host with port 5432/],
  ['db.abcdef.supabase.co', 6543, /direct connection with port 5432/],
  ['db.example.org', 6432, /usually a pooler/],
])('the name %s:%i hints at its pooler', (host, port, says) => {
  expect(pastThePooler(host, port)).toMatch(says);
});

test.each([
  ['ep-x-1.eu-central-1.aws.neon.tech', 5432],
  ['aws-0-eu-west-1.pooler.supabase.com', 5432],
  ['db.example.org', 5432],
])('the name %s:%i does not', (host, port) => {
  expect(pastThePooler(host, port)).toBeNull();
});

describe('a misspelt TLS parameter', () => {
  test.each(['sslmod=require', 'SSLMODE=require', 'sslaccept=strict'])(
    '%s is refused, instead of a connection in clear',
    async (parameter) => {
      const target = { url: `postgres://u@localhost/db?${parameter}`, label: 'the test database' };
      await expect(readAddress(target)).rejects.toThrow(/begins with ssl and is not known/);
    },
  );
});

test('an @ in a password that is not encoded is refused, and no part of it is taken for a host', async () => {
  const target = { url: 'postgres://u:Ge@heim/Wort@localhost:5432/db', label: 'the test database' };
  await expect(readAddress(target)).rejects.toThrow(/^(?!.*heim).*cannot be parsed/);
});
