import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkRecipient, decryptWith, encryptTo } from '../../../src/archive/age.ts';
import { ConfigError } from '../../../src/lib/errors.ts';
import { cutAt, failureOf } from '../../support/pieces.ts';
import { missingTools } from '../../support/tools.ts';

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const borders = [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073];

async function seal(plain: Buffer, recipients = [recipient], cuts: number[] = []): Promise<Buffer> {
  const encryption = await encryptTo(recipients);
  pipeline(Readable.from(cutAt(plain, cuts)), encryption, () => {});
  return buffer(encryption);
}

async function open(sealed: Buffer, identities = [identity], cuts: number[] = []): Promise<Buffer> {
  const decryption = decryptWith(identities);
  pipeline(Readable.from(cutAt(sealed, cuts)), decryption, () => {});
  return buffer(decryption);
}

function plaintext(sizeBytes: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8)) & 255));
}

describe('age round trip', () => {
  test.each(borders)('%i bytes, written and read in odd pieces', async (sizeBytes) => {
    const plain = plaintext(sizeBytes);
    const sealed = await seal(plain, [recipient], [1, 2, 65_536, 70_000]);
    expect((await open(sealed, [identity], [1, 20, 199, 200, 201, 65_752])).equals(plain)).toBe(true);
  });

  test('any size, however it is cut on the way in and out', async () => {
    const cuts = fc.array(fc.nat(), { maxLength: 6 });
    const property = fc.asyncProperty(fc.nat(200_000), cuts, cuts, async (sizeBytes, waysIn, waysOut) => {
      const plain = plaintext(sizeBytes);
      const sealed = await seal(plain, [recipient], waysIn);
      expect((await open(sealed, [identity], waysOut)).equals(plain)).toBe(true);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('a file that comes byte by byte', async () => {
    const sealed = await seal(Buffer.from('rows'));
    const everywhere = Array.from({ length: sealed.length }, (_, index) => index);
    expect(String(await open(sealed, [identity], everywhere))).toBe('rows');
  });
});

describe('age files of others', () => {
  test.each(borders)('the library reads our %i bytes, and we read those it writes', async (sizeBytes) => {
    const plain = plaintext(sizeBytes);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    expect(Buffer.from(await decrypter.decrypt(await seal(plain))).equals(plain)).toBe(true);
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    expect((await open(Buffer.from(await encrypter.encrypt(plain)))).equals(plain)).toBe(true);
  });

  test('each of several recipients, post-quantum ones too, opens the file alone', async () => {
    const identities = [identity, await generateX25519Identity(), await generateHybridIdentity()];
    const recipients = await Promise.all(identities.map((each) => identityToRecipient(each)));
    expect(recipients[2]).toMatch(/^age1pq1/);
    const sealed = await seal(Buffer.from('rows'), recipients);
    for (const each of identities) {
      expect(String(await open(sealed, [each]))).toBe('rows');
      const decrypter = new Decrypter();
      decrypter.addIdentity(each);
      expect(await decrypter.decrypt(sealed, 'text')).toBe('rows');
    }
  });

  test.skipIf(missingTools('age files of the age program', 'age').length > 0)(
    'the age program and we read each other',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-age-'));
      const keyFile = join(folder, 'identity.txt');
      writeFileSync(keyFile, `${identity}\n`, { mode: 0o600 });
      const age = (input: Buffer, ...args: string[]) =>
        execFileSync('age', args, { input, maxBuffer: 1 << 24 });
      try {
        for (const sizeBytes of borders) {
          const plain = plaintext(sizeBytes);
          expect(age(await seal(plain), '-d', '-i', keyFile).equals(plain)).toBe(true);
          expect((await open(age(plain, '-r', recipient))).equals(plain)).toBe(true);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('age mistakes of the user', () => {
  test('another identity does not fit, and none does not either', async () => {
    const sealed = await seal(Buffer.from('rows'));
    for (const identities of [[await generateX25519Identity()], [await generateHybridIdentity()], []]) {
      const error = await failureOf(open(sealed, identities));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toContain('does not fit');
    }
  });

  test('what is not an identity is refused without being shown', () => {
    for (const text of [
      '',
      recipient,
      identity.slice(0, -1),
      identity.toLowerCase(),
      'AGE-SECRET-KEY-1HUNTER2',
    ])
      expect(() => decryptWith([text])).toThrow(
        expect.objectContaining({ name: 'ConfigError', message: 'The identity is not an age secret key.' }),
      );
  });

  test('what is not a recipient is refused; an identity in its place is never shown', async () => {
    for (const text of [
      '',
      'age1',
      `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`,
      ` ${recipient}`,
    ]) {
      expect(await failureOf(checkRecipient(text))).toMatchObject({ name: 'ConfigError' });
    }
    for (const text of [identity, `# created today\n${identity}`, ` ${identity.toLowerCase()}`]) {
      const error = await failureOf(encryptTo([recipient, text]));
      expect(error).toBeInstanceOf(ConfigError);
      expect(JSON.stringify({ ...error, message: error.message }).toUpperCase()).not.toContain(identity);
    }
  });

  test('an archive that nobody could open is not written', async () => {
    expect(await failureOf(encryptTo([]))).toMatchObject({ name: 'ConfigError' });
  });
});
