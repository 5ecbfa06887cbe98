import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { parseIdentities } from '../../../src/archive/identities.ts';

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);

test('identities are lines of their own, beside comments', () => {
  const text = `# created: today\r\n# public key: ${recipient}\r\n${identity}\r\n`;
  expect(parseIdentities(text)).toEqual([identity]);
});

test.each([
  ['', 'it is empty'],
  [`${recipient}\n`, 'it is a recipient, which is the public half'],
  ['age-encryption.org/v1\n-> scrypt x 18\n', 'it is encrypted itself'],
  ['-----BEGIN AGE ENCRYPTED FILE-----\n', 'it is encrypted itself'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n', 'it is a key of another kind'],
  ['# Holdfast\n\nhunter2\n', 'no line of it begins with AGE-SECRET-KEY-1'],
])('a text without one is told what it is, and never shown: %j', (text, what) => {
  expect(() => parseIdentities(text, 'The file "README.md"')).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      message: expect.stringContaining(`The file "README.md" holds no identity: ${what}`),
      hint: expect.stringMatching(/begins with AGE-SECRET-KEY-1.*`holdfast keygen`/),
    }),
  );
  expect(() => parseIdentities(text)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  );
});
