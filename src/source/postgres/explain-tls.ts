import { ConfigError, type HoldfastError, SourceError } from '../../lib/errors.ts';
import { capital } from '../../lib/format.ts';

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);
const safe = 'Nothing was read or written.';

/** The server answered that it speaks no TLS. `pg` has only these words for it. */
export function hasNoTls(error: unknown): boolean {
  return (error as Error).message === 'The server does not support SSL connections';
}

/** The answer to the question for TLS was neither yes nor no: an error, which the login without TLS will repeat. */
export function answeredOddly(error: unknown): boolean {
  return (error as Error).message === 'There was an error establishing an SSL connection';
}

/** Whether the login may be allowed without TLS where this one failed with it, or the other way round. */
export function isAboutTls(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (hasNoTls(error) || answeredOddly(error)) return true;
  // A rule of pg_hba.conf, or a pooler that demands TLS. A wrong password is not tried twice.
  if (code === '28000' || code === '08P01') return true;
  return untrusted.has(code) || /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$)/.test(code);
}

/** Plain words for a failure of TLS; null for any other. */
export function explainTls(
  error: unknown,
  { host, port, label }: { host: string; port: number; label: string },
): HoldfastError | null {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const where = `the server at ${host}:${port} for ${label}`;
  const refuse = (what: string, hint: string, publicReason: string) =>
    new ConfigError(`${what} ${safe}`, { hint, publicReason });
  if (hasNoTls(error)) {
    return refuse(
      `TLS is demanded, but ${where} has none.`,
      'Turn ssl on at the server, or choose sslmode=prefer if the network in between is your own.',
      'the database server has no TLS',
    );
  }
  if (answeredOddly(error)) {
    return new SourceError(
      `What listens at ${host}:${port} for ${label} did not answer the question for TLS as PostgreSQL does. ${safe}`,
      {
        hint: 'Check host and port in the URL; if they are right, run it again.',
        publicReason: 'TLS with the database server failed',
      },
    );
  }
  if (untrusted.has(code)) {
    return refuse(
      `The certificate of ${where} is not signed by an authority that is trusted here.`,
      'Give the authority’s certificate with sslrootcert=FILE; providers offer it for download.',
      'the certificate of the database server is not trusted',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return refuse(
      `The certificate of ${where} is for another host name.`,
      'Use the host name that the certificate is for, or sslmode=verify-ca with sslrootcert if the authority is your own.',
      'the certificate of the database server is for another host',
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return refuse(
      `The certificate of ${where} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
      'Renew it at the server; if it is new, check the clock of this machine.',
      'the certificate of the database server is not valid now',
    );
  }
  if (
    (code === '28000' && /no encryption|SSL off/.test(message)) ||
    (code === '08P01' && /SSL required/.test(message))
  ) {
    return refuse(
      `${capital(where)} refuses connections without TLS, or this user from here.`,
      'Use sslmode=verify-full, or at least sslmode=require.',
      'the database server demands TLS',
    );
  }
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code)) {
    return new SourceError(`TLS with ${where} could not be agreed on: ${code}. ${safe}`, {
      hint: 'Check that a PostgreSQL server listens there, its TLS version, and whether it wants sslcert and sslkey.',
      publicReason: 'TLS with the database server failed',
      cause: error,
    });
  }
  return null;
}
