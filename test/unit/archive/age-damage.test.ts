import { pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decryptWith, encryptTo } from '../../../src/archive/age.ts';
import { IntegrityError } from '../../../src/lib/errors.ts';
import { failureOf, streamOf, within } from '../../support/pieces.ts';

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const sealedChunkBytes = 65_536 + 16;

async function seal(sizeBytes: number): Promise<Buffer> {
  const encryption = await encryptTo([recipient]);
  pipeline(streamOf(Buffer.alloc(sizeBytes, 'row\n')), encryption, () => {});
  return buffer(encryption);
}

async function failureToOpen(sealed: Buffer): Promise<Error> {
  const decryption = decryptWith([identity]);
  pipeline(streamOf(sealed), decryption, () => {});
  return within(2000, failureOf(buffer(decryption)));
}

const short = await seal(100);
const long = await seal(3 * 65_536 + 500);
/** Bytes before the payload's chunks: header and nonce, of the same size in both. */
const headBytes = short.length - 116;
const chunk = (index: number) =>
  long.subarray(headBytes + index * sealedChunkBytes, headBytes + (index + 1) * sealedChunkBytes);
const joined = (...chunks: number[]) => Buffer.concat([long.subarray(0, headBytes), ...chunks.map(chunk)]);

test('every single flipped bit is found, and is damage unless it hides the recipient’s stanza', async () => {
  const firstStanza = short.indexOf('-> X25519');
  const macLine = short.indexOf('\n--- ') + 1;
  for (let position = 0; position < short.length; position++) {
    for (const bit of [1, 128]) {
      const changed = Buffer.from(short);
      changed[position]! ^= bit;
      const { name } = await failureToOpen(changed);
      const isInStanza = position >= firstStanza && position < macLine;
      // Alone, nobody can tell a damaged stanza from one for somebody else; with the receipt, the archive reader can.
      if (isInStanza) expect(['ConfigError', 'IntegrityError']).toContain(name);
      else expect(`byte ${position}: ${name}`).toBe(`byte ${position}: IntegrityError`);
    }
  }
});

test('any byte flipped in a longer payload is found, and the message says where', async () => {
  const positions = fc.integer({ min: headBytes, max: long.length - 1 });
  const property = fc.asyncProperty(positions, fc.integer({ min: 1, max: 255 }), async (position, mask) => {
    const changed = Buffer.from(long);
    changed[position]! ^= mask;
    const error = await failureToOpen(changed);
    expect(error).toBeInstanceOf(IntegrityError);
    const [, first, last] = /bytes (\d+) to (\d+) fail/.exec(error.message)!;
    expect(Number(first)).toBeLessThanOrEqual(position);
    expect(Number(last)).toBeGreaterThanOrEqual(position);
  });
  await fc.assert(property, { numRuns: 60 });
});

test('truncation anywhere is found', async () => {
  for (let size = 0; size < short.length; size++)
    expect(`${size} ${(await failureToOpen(short.subarray(0, size))).name}`).toBe(`${size} IntegrityError`);
  const borders = [0, 1, 2, 3].flatMap((index) => {
    const border = headBytes + index * sealedChunkBytes;
    return [border - 1, border, border + 1, border + 15, border + 16, border + 17];
  });
  for (const size of [...borders, long.length - 16, long.length - 1])
    expect(await failureToOpen(long.subarray(0, size))).toBeInstanceOf(IntegrityError);
});

test('bytes behind the end are found', async () => {
  for (const more of [1, 16, 17, sealedChunkBytes])
    for (const whole of [short, long])
      expect(await failureToOpen(Buffer.concat([whole, Buffer.alloc(more)]))).toBeInstanceOf(IntegrityError);
  expect(await failureToOpen(Buffer.concat([long, long]))).toBeInstanceOf(IntegrityError);
});

test('chunks swapped, doubled or left out are found', async () => {
  expect(joined(0, 1, 2, 3).equals(long)).toBe(true);
  for (const order of [[1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 1, 2, 3], [0, 2, 3], [1, 2, 3], [0, 1, 2], [3]])
    expect(await failureToOpen(joined(...order))).toBeInstanceOf(IntegrityError);
});

test('bytes that never were an age file are damage', async () => {
  for (const bytes of [Buffer.from('hello\n'), Buffer.alloc(3 << 20)])
    expect(await failureToOpen(Buffer.concat([bytes, Buffer.alloc(32)]))).toBeInstanceOf(IntegrityError);
});
