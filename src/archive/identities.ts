import { ConfigError } from '../lib/errors.ts';

/**
 * The identities in a text as `age-keygen` writes it, a line each, with comments.
 *
 * @throws ConfigError when there is none
 */
export function parseIdentities(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (identities.length > 0) return identities;
  throw new ConfigError('What was given as an identity holds none.', {
    hint: 'It is a line that begins with AGE-SECRET-KEY-1, as `holdfast keygen` writes it: the line itself, not the path of a file.',
    publicReason: 'the identity could not be read',
  });
}
