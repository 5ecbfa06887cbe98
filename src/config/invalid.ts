import { ConfigError } from '../lib/errors.ts';

/** Said at the end of every complaint about a configuration: it is read before anything else is done. */
export const safe = 'Nothing was read or written.';

/** The error for a configuration that can't be used. */
export function invalid(message: string, hint: string): ConfigError {
  return new ConfigError(message, { hint, publicReason: 'the configuration is not valid' });
}
