import { ConfigError, HoldfastError, SourceError } from '../../lib/errors.ts';
import { formatBytes } from '../../lib/format.ts';
import { Passing } from './passing.ts';

/** What came of a request that got no whole answer. */

export const untouched = 'Nothing was stored; earlier backups are untouched.';

/** Certificates, and what is no TLS at all at the other end. */
const tlsCodes =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|UNSUPPORTED_CERTIFICATE)/;

/**
 * @param timedOutMs the limit that ran out; null: none did
 * @returns Passing for what a later try may not meet
 */
export function explainNetwork(error: unknown, url: URL, timedOutMs: number | null): unknown {
  if (error instanceof HoldfastError) return error;
  if (timedOutMs !== null) {
    return new Passing(
      new SourceError(
        `The CRM at ${url.origin} did not answer in ${Math.ceil(timedOutMs / 1000)} seconds. ${untouched}`,
        {
          hint: 'Running it again is safe. If its backup takes longer, raise timeout in holdfast.yml and the limit of the route.',
          publicReason: 'the CRM did not answer in time',
        },
      ),
    );
  }
  const code = codeOf(error);
  if (code === null) return isRefusedByFetch(error) ? refusedByFetch(error, url) : error;
  if (tlsCodes.test(code)) {
    return new ConfigError(`The CRM at ${url.origin} has no valid certificate (${code}). ${untouched}`, {
      hint: 'The API key was not sent. Renew the certificate, or mend app-url; for an authority of your own set NODE_EXTRA_CA_CERTS.',
      publicReason: 'the CRM has no valid certificate',
      cause: error,
    });
  }
  if (code === 'ENOTFOUND') {
    return new ConfigError(`There is no host ${url.hostname}. ${untouched}`, {
      hint: 'Mend app-url in holdfast.yml, or the secret behind it.',
      publicReason: 'the host of the CRM is not known',
      cause: error,
    });
  }
  const isCut = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE|UND_ERR_RES|HPE_)/.test(code);
  const what = isCut ? 'broke the connection off' : 'could not be reached';
  return new Passing(
    new SourceError(`The CRM at ${url.origin} ${what} (${code}). ${untouched}`, {
      hint: 'Running it again is safe. Is the CRM up, and does its log say more?',
      publicReason: `the CRM ${what}`,
      cause: error,
    }),
  );
}

/** Ports of other services, for one: fetch asks nobody on those. */
function isRefusedByFetch(error: unknown): error is TypeError {
  return error instanceof TypeError && error.message === 'fetch failed';
}

function refusedByFetch(error: TypeError, url: URL): ConfigError {
  const why = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return new ConfigError(`${url.origin} can be no CRM${why}. ${untouched}`, {
    hint: 'Mend app-url in holdfast.yml, or the secret behind it.',
    publicReason: 'the address of the CRM is not valid',
    cause: error,
  });
}

export function tooLarge(url: URL, maxBytes: number): SourceError {
  return tooMuch(
    `The answer of ${url.pathname} is larger than ${formatBytes(maxBytes)}, which no answer of this kind is.`,
  );
}

export function tooMany(mostValues: number): SourceError {
  return tooMuch(`The CRM’s backup holds more than ${mostValues.toLocaleString('en')} values.`);
}

function tooMuch(what: string): SourceError {
  return new SourceError(`${what} ${untouched}`, {
    hint: 'A database of this size is better backed up directly: source: postgres.',
    publicReason: 'the CRM’s answer was too large',
  });
}

/** What `fetch` hides in its causes; null when it is no trouble of the network. */
function codeOf(error: unknown): string | null {
  const { code, cause, errors } = (error ?? {}) as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (errors?.length) return codeOf(errors[0]);
  return cause === undefined ? null : codeOf(cause);
}
