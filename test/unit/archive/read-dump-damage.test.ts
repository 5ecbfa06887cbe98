import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDump } from '../../../src/archive/read-dump.ts';
import { IntegrityError } from '../../../src/lib/errors.ts';
import { failureOf, streamOf, within } from '../../support/pieces.ts';
import { identity, makeSmallArchive, readParts, type SmallArchive } from '../../support/small-archive.ts';

const encrypted = await makeSmallArchive(true);
const clear = await makeSmallArchive(false);

/** One accident: its name, and what it makes of the bytes; null when it would change nothing. */
type Accident = [string, (bytes: Buffer, at: number, other: number) => Buffer | null];
const accidents: Accident[] = [
  [
    'one flipped bit',
    (bytes, at, other) => {
      const changed = Buffer.from(bytes);
      changed[at % bytes.length]! ^= 1 << (other % 8);
      return changed;
    },
  ],
  [
    'one missing byte',
    (bytes, at) => {
      const place = at % bytes.length;
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
    },
  ],
  [
    'one added byte',
    (bytes, at, other) => {
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), Buffer.from([other & 255]), bytes.subarray(place)]);
    },
  ],
  ['a cut', (bytes, at) => bytes.subarray(0, at % bytes.length)],
  [
    'two swapped blocks',
    (bytes, at, other) => {
      const blocks = Math.floor(bytes.length / 512);
      const [one, two] = [(at % blocks) * 512, (other % blocks) * 512];
      const changed = Buffer.from(bytes);
      bytes.copy(changed, one, two, two + 512);
      bytes.copy(changed, two, one, one + 512);
      return changed.equals(bytes) ? null : changed;
    },
  ],
  [
    'a zeroed block',
    (bytes, at) => {
      const place = (at % Math.floor(bytes.length / 512)) * 512;
      const changed = Buffer.from(bytes).fill(0, place, place + 512);
      return changed.equals(bytes) ? null : changed;
    },
  ],
];

async function expectDamage(archive: SmallArchive, bytes: Buffer) {
  const error = await within(2000, failureOf(readParts({ ...archive, bytes })));
  expect(error).toBeInstanceOf(IntegrityError);
  // It says where: a place in the bytes, an entry, a table, or that only the sum of it all is wrong.
  expect(error.message).toMatch(/byte|entry|Entry|header|rows of|stream|digest|manifest|beginning/);
  expect((error as IntegrityError).publicReason).toBe('the archive is damaged');
}

describe.each([
  ['an encrypted', encrypted],
  ['a clear', clear],
])('%s archive after an accident', (_, archive) => {
  test.each(accidents)('%s anywhere is damage, never success, a bug or a hang', async (_, accident) => {
    const property = fc.asyncProperty(fc.nat(), fc.nat(), async (at, other) => {
      const changed = accident(archive.bytes, at, other);
      if (changed) await expectDamage(archive, changed);
    });
    await fc.assert(property, { numRuns: 120 });
  });
});

test('every bit of every tar header in clear counts', async () => {
  // Whatever tar itself overlooks, such as padding and time stamps, the receipt's digest sees.
  const header = clear.bytes.indexOf('schema/roles.sql');
  for (let at = header; at < header + 512; at++) {
    const changed = Buffer.from(clear.bytes);
    changed[at]! ^= 1 << (at % 8);
    await expectDamage(clear, changed);
  }
});

describe('an archive of many chunks, of which the reader has not seen the end', async () => {
  const rows = Array.from({ length: 400 }, () => `${randomBytes(3000).toString('hex')}\n`).join('');
  const table = { schema: 'public', columns: ['id'], rows };
  const archive = await makeSmallArchive(true, [
    { ...table, name: 'first' },
    { ...table, name: 'second' },
  ]);
  const failureWith = async (position: number) => {
    const changed = Buffer.from(archive.bytes);
    changed[position]! ^= 1;
    // A stream that ends at once with the error of what stands behind it, before the reader has told its own.
    const source = streamOf(changed).pipe(new PassThrough());
    const read = async () => {
      for await (const _ of readDump(source, { receipt: archive.receipt, identities: [identity] }));
    };
    return within(2000, failureOf(read()));
  };

  test('the message names the bytes and the last sound entry', async () => {
    const error = await failureWith(2_000_000);
    expect(error.message).toMatch(
      /bytes \d+ to \d+ fail authentication.*, after entry data\/\d{6}\/\d{8}\.sql\.zst\.$/,
    );
  });

  test('a header that does not open is damage of the header', async () => {
    expect(await failureWith(archive.bytes.indexOf('-> X25519 ') + 3)).toMatchObject({
      name: 'IntegrityError',
      message: expect.stringContaining('header'),
    });
  });
});

test('bytes behind the end of a sound archive are counted', async () => {
  const bytes = Buffer.concat([clear.bytes, Buffer.alloc(512)]);
  const error = await failureOf(readParts({ ...clear, bytes }));
  expect(error.message).toContain(`it has ${bytes.length} bytes, the receipt says ${clear.bytes.length}`);
});
