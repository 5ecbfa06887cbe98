import { expect, test } from 'vitest';
import {
  maxSizeBytes,
  partSizeBytes,
  partsInFlight,
  takesEqualPartsOnly,
} from '../../../src/store/s3-parts.ts';

const mebibyte = 1 << 20;

/** All parts of an object of that size, as their sizes. */
function* parts(objectBytes: number, areEqual: boolean) {
  for (let sentBytes = 0; sentBytes < objectBytes; ) {
    const sizeBytes = partSizeBytes(sentBytes, areEqual);
    yield { sentBytes, sizeBytes };
    sentBytes += sizeBytes;
  }
}

test.each([
  ['growing', false],
  ['equal', true],
])('%s parts: the largest object fits into 10,000, each of a size that S3 takes', (_, areEqual) => {
  const all = [...parts(maxSizeBytes(areEqual), areEqual)];
  expect(all.length).toBeLessThanOrEqual(10_000);
  for (const { sizeBytes } of all) {
    expect(sizeBytes).toBeGreaterThanOrEqual(5 * mebibyte);
    expect(sizeBytes).toBeLessThanOrEqual(5 * 1024 ** 3);
  }
});

test('5 TiB are allowed, and never is a part smaller than the one before', () => {
  expect(maxSizeBytes(false)).toBe(5 * 1024 ** 4);
  const sizes = [...parts(maxSizeBytes(false), false)].map(({ sizeBytes }) => sizeBytes);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
});

test('what is held in memory is the same at 1 GB as at 8 GB, and stays small up to 100 GiB', () => {
  const heldAt = (sentBytes: number) => {
    const sizeBytes = partSizeBytes(sentBytes, false);
    return (partsInFlight(sizeBytes) + 1) * sizeBytes;
  };
  expect(heldAt(1e9)).toBe(32 * mebibyte);
  expect(heldAt(8e9)).toBe(32 * mebibyte);
  for (const { sentBytes } of parts(100 * 1024 ** 3, false))
    expect(heldAt(sentBytes)).toBeLessThan(220 * mebibyte);
});

test('only R2 wants parts of one size', () => {
  expect(takesEqualPartsOnly('https://0123abcd.r2.cloudflarestorage.com')).toBe(true);
  expect(takesEqualPartsOnly('https://0123abcd.eu.r2.cloudflarestorage.com')).toBe(true);
  expect(takesEqualPartsOnly('https://minio.example.org:9000')).toBe(false);
  expect(takesEqualPartsOnly(null)).toBe(false);
});
