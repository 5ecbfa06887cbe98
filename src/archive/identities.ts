import { ConfigError } from '../lib/errors.ts';

/**
 * The identities in a text as `age-keygen` writes it, a line each, with comments.
 *
 * @param what the text is called in messages
 * @throws ConfigError when there is none, without showing the text
 */
export function parseIdentities(text: string, what = 'What was given as an identity'): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (identities.length > 0) return identities;
  throw new ConfigError(`${what} holds no identity: ${whatItIs(text)}. Nothing was read or written.`, {
    hint: 'An identity is a line that begins with AGE-SECRET-KEY-1, in the file that `holdfast keygen` or age-keygen wrote. HOLDFAST_IDENTITY takes the line itself, not the path of a file.',
    publicReason: 'the identity could not be read',
  });
}

function whatItIs(text: string): string {
  if (text.trim() === '') return 'it is empty';
  if (/^age-encryption\.org\/v1\n|^-----BEGIN AGE ENCRYPTED FILE-----/.test(text))
    return 'it is encrypted itself, and `age -d` decrypts it';
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text)) return 'it is a key of another kind, such as of SSH';
  if (/^\s*age1[0-9a-z]+\s*$/m.test(text)) return 'it is a recipient, which is the public half';
  return 'no line of it begins with AGE-SECRET-KEY-1';
}
