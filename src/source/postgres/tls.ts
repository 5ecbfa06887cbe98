import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, createSecureContext, getCACertificates } from 'node:tls';
import { ConfigError } from '../../lib/errors.ts';

/** `sslmode` with libpq's meanings, weakest first. */
const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof modes)[number];

const safe = 'Nothing was read or written.';

/** The ways to speak to a server, in the order to try them: TLS with these options, or `false` for none. */
export type TlsAttempts = readonly (ConnectionOptions | false)[];

/**
 * What the `ssl…` parameters of a URL ask for. As in libpq, a given `sslrootcert` is always checked against, also below
 * `verify-ca`, and `sslrootcert=system` means `verify-full`. Unlike libpq, `verify-full` without `sslrootcert` trusts the
 * public authorities that Node ships, and no file in a home directory is read.
 *
 * @throws ConfigError for a mode that does not exist, a contradiction, or a file that can't be used
 */
export async function readTlsAttempts(parameters: URLSearchParams, label: string): Promise<TlsAttempts> {
  refuseUnknown(parameters, label);
  const mode = readMode(parameters, label);
  if (mode === 'disable') return [false];
  const root = parameters.get('sslrootcert');
  if (mode === 'verify-ca' && !root) {
    throw unusable(`The URL of ${label} has sslmode=verify-ca but no sslrootcert.`, [
      'Add sslrootcert=FILE with the certificate of the authority that signed the server’s,',
      'or use sslmode=verify-full, which trusts the public ones.',
    ]);
  }
  const options: ConnectionOptions = {
    ...(root ? { ca: await readRoots(root, label) } : {}),
    ...(await readClientCertificate(parameters, label)),
    rejectUnauthorized: mode === 'verify-full' || Boolean(root),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
  if (mode === 'allow') return [false, options];
  if (mode === 'prefer') return [options, false];
  return [options];
}

const knownParameters = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];

/** A misspelt one would be passed over, and the connection made in clear. */
function refuseUnknown(parameters: URLSearchParams, label: string) {
  const unknown = [...parameters.keys()].find(
    (name) => /^ssl/i.test(name) && !knownParameters.includes(name),
  );
  if (unknown === undefined) return;
  throw unusable(`The URL of ${label} has a parameter that begins with ssl and is not known here.`, [
    `Known are ${knownParameters.join(', ')}, in small letters.`,
  ]);
}

function readMode(parameters: URLSearchParams, label: string): SslMode {
  const isSystem = parameters.get('sslrootcert') === 'system';
  const isAsked = ['true', '1'].includes(parameters.get('ssl') ?? '');
  const given = parameters.get('sslmode') ?? (isSystem ? 'verify-full' : isAsked ? 'require' : 'prefer');
  const mode = modes.find((known) => known === given);
  if (!mode) {
    throw unusable(`The URL of ${label} has an sslmode that does not exist.`, [
      `There are ${modes.join(', ')}; verify-full is the safe one.`,
    ]);
  }
  if (isSystem && mode !== 'verify-full') {
    throw unusable(`The URL of ${label} has sslrootcert=system with sslmode=${mode}, which proves nothing:`, [
      'anyone can have a certificate of a public authority. Use sslmode=verify-full.',
    ]);
  }
  return mode;
}

async function readRoots(root: string, label: string): Promise<string[]> {
  if (root === 'system') {
    const roots = getCACertificates('system');
    if (roots.length > 0) return roots;
    throw unusable(`The URL of ${label} has sslrootcert=system, but this machine trusts no authority.`, [
      'Install the package ca-certificates, or give a file.',
    ]);
  }
  const text = await readGiven('sslrootcert', root, label);
  try {
    new X509Certificate(text);
  } catch {
    throw unusable(`The file that sslrootcert names for ${label} holds no certificate.`, [
      'It must be PEM: text that begins with -----BEGIN CERTIFICATE-----.',
    ]);
  }
  return [text];
}

async function readClientCertificate(parameters: URLSearchParams, label: string): Promise<ConnectionOptions> {
  const [certificate, key] = [parameters.get('sslcert'), parameters.get('sslkey')];
  if (!certificate && !key) return {};
  if (!certificate || !key) {
    throw unusable(`The URL of ${label} has only one of sslcert and sslkey.`, ['Give both.']);
  }
  const pair = {
    cert: await readGiven('sslcert', certificate, label),
    key: await readGiven('sslkey', key, label),
  };
  try {
    createSecureContext(pair);
  } catch {
    throw unusable(
      `The files that sslcert and sslkey name for ${label} are not a PEM pair without passphrase.`,
      ['Check that the key belongs to the certificate.'],
    );
  }
  return pair;
}

async function readGiven(parameter: string, path: string, label: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'could not be read';
    throw unusable(`The file that ${parameter} names for ${label} ${reason}: ${path}.`, [
      'Check its path and permissions; a relative path begins where the command runs.',
    ]);
  }
}

function unusable(message: string, hint: string[]): ConfigError {
  return new ConfigError(`${message} ${safe}`, {
    hint: hint.join(' '),
    publicReason: 'the TLS settings of the database URL are not usable',
  });
}
