import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import wabt from 'wabt';
import { RowDigest } from '../../src/archive/row-digest.ts';
import { rowKernelBase64 } from '../../src/archive/row-kernel.ts';

/** MurmurHash3 x64 128 straight from its definition, in BigInt: slow and independent of the kernel. */
function murmur3(bytes: Uint8Array, seed: bigint): [bigint, bigint] {
  const u64 = (value: bigint) => BigInt.asUintN(64, value);
  const rotate = (value: bigint, by: bigint) => u64((value << by) | (value >> (64n - by)));
  const [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];
  const word = (offset: number) => {
    let value = 0n;
    for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
    return value;
  };
  const avalanche = (k: bigint) => {
    let value = u64((k ^ (k >> 33n)) * 0xff51afd7ed558ccdn);
    value = u64((value ^ (value >> 33n)) * 0xc4ceb9fe1a85ec53n);
    return value ^ (value >> 33n);
  };
  let [h1, h2] = [seed, seed];
  const whole = bytes.length - (bytes.length % 16);
  for (let offset = 0; offset < whole; offset += 16) {
    h1 = u64((rotate(h1 ^ u64(rotate(u64(word(offset) * c1), 31n) * c2), 27n) + h2) * 5n + 0x52dce729n);
    h2 = u64((rotate(h2 ^ u64(rotate(u64(word(offset + 8) * c2), 33n) * c1), 31n) + h1) * 5n + 0x38495ab5n);
  }
  h2 ^= u64(rotate(u64(word(whole + 8) * c2), 33n) * c1);
  h1 ^= u64(rotate(u64(word(whole) * c1), 31n) * c2);
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 = u64(h1 + h2);
  return [h1, u64(h2 + h1)];
}

function reference(rows: Uint8Array[]): string {
  let [s1, s2] = [0n, 0n];
  for (const row of rows) {
    const [h1, h2] = murmur3(row, 0x686f6c64n);
    s1 = BigInt.asUintN(64, s1 + h1);
    s2 = BigInt.asUintN(64, s2 + h2);
  }
  return `rows1:${s1.toString(16).padStart(16, '0')}${s2.toString(16).padStart(16, '0')}`;
}

function digestOf(text: Uint8Array, cuts: number[] = []): RowDigest {
  const digest = new RowDigest();
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  for (let i = 1; i < places.length; i++) digest.update(text.subarray(places[i - 1], places[i]));
  return digest;
}

const join = (rows: Uint8Array[]) => Buffer.concat(rows.flatMap((row) => [row, Buffer.from('\n')]));
const row = fc.uint8Array({ maxLength: 70 }).map((bytes) => bytes.map((byte) => (byte === 10 ? 11 : byte)));

describe('row digest', () => {
  test('the reference is MurmurHash3 x64 128: the published value of "The quick brown fox…"', () => {
    const text = Buffer.from('The quick brown fox jumps over the lazy dog');
    const [h1, h2] = murmur3(text, 0n);
    expect(h1.toString(16) + h2.toString(16)).toBe('e34bbc7bbc071b6c7a433ca9c49a9347');
  });

  test('the kernel in use is the assembled source', async () => {
    const source = readFileSync(new URL('../../src/archive/row-digest.wat', import.meta.url), 'utf8');
    const module = (await wabt()).parseWat('row-digest.wat', source, { simd: true, bulk_memory: true });
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(rowKernelBase64);
  });

  test('equals the reference however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 8 }), (rows, cuts) => {
        const digest = digestOf(join(rows), cuts);
        expect(digest.digest()).toBe(reference(rows));
        expect(digest.rows).toBe(rows.length);
        expect(digest.isInsideRow).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('equals the reference over rows longer than the kernel takes at once', () => {
    const rows = [Buffer.alloc(3_000_001, 'x'), Buffer.alloc(0), Buffer.alloc(1 << 20, 'y')];
    expect(digestOf(join(rows)).digest()).toBe(reference(rows));
  });

  test('the order of rows does not matter, their number does', () => {
    const rows = ['a\t1', 'b\t2', 'c\t3'].map((text) => Buffer.from(text));
    const value = digestOf(join(rows)).digest();
    expect(digestOf(join(rows.toReversed())).digest()).toBe(value);
    expect(digestOf(join([...rows, rows[0]!])).digest()).not.toBe(value);
    expect(digestOf(join(rows.slice(1))).digest()).not.toBe(value);
  });

  test.each([
    ['one changed byte', 'a\t1\nb\t2\n', 'a\t1\nb\t3\n'],
    ['a pair of values swapped between rows', 'a\t1\nb\t2\n', 'a\t2\nb\t1\n'],
    ['NULL against empty', '\\N\n', '\n'],
    ['-0 against 0', '-0\n', '0\n'],
    ['a value moved to the next column', 'a\t\n', '\ta\n'],
    ['jsonb against json spacing', '{"a": 1}\n', '{"a":1}\n'],
    ['trailing zero bytes', 'a\n', 'a\0\n'],
  ])('tells apart %s', (_, one, other) => {
    expect(digestOf(Buffer.from(one)).digest()).not.toBe(digestOf(Buffer.from(other)).digest());
  });

  test('a row without its end is seen', () => {
    expect(digestOf(Buffer.from('a\nb')).isInsideRow).toBe(true);
  });
});
