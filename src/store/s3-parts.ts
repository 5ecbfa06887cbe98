/**
 * How a stream of unknown length is cut into parts. S3 takes 10,000 parts per object, of at least 5 MiB but for the
 * last. Fixed parts that allow 5 TiB would be 525 MiB each, several of them in memory, also for a small database. So a
 * part is about a thousandth of what went before it: 8 MiB until 8.9 GB are sent, 107 MiB at 100 GiB, 1 GiB from 950 GiB
 * on. 5 TiB are 9,792 parts.
 */

const mebibyte = 1 << 20;
const smallestPartBytes = 8 * mebibyte;
const largestPartBytes = 1024 * mebibyte;
/** Cloudflare R2 takes parts of one size only, but for the last: https://developers.cloudflare.com/r2/objects/multipart-objects/ */
const equalPartBytes = 64 * mebibyte;
const maxParts = 10_000;
/** Amazon took more from the end of 2025 on; others did not follow. */
const maxObjectBytes = 5 * 1024 ** 4;

/** Size of the part that follows after so many bytes. */
export function partSizeBytes(sentBytes: number, areEqual: boolean): number {
  if (areEqual) return equalPartBytes;
  const share = Math.floor(sentBytes / 950 / mebibyte) * mebibyte;
  return Math.min(Math.max(share, smallestPartBytes), largestPartBytes);
}

/** Largest object that fits into the parts. */
export function maxSizeBytes(areEqual: boolean): number {
  return areEqual ? maxParts * equalPartBytes : maxObjectBytes;
}

/** Parts being sent while the next one fills: together never more than 220 MiB before 100 GiB are sent. */
export function partsInFlight(sizeBytes: number): number {
  if (sizeBytes <= 16 * mebibyte) return 3;
  return sizeBytes <= 64 * mebibyte ? 2 : 1;
}

export function takesEqualPartsOnly(endpoint: string | null): boolean {
  return endpoint !== null && new URL(endpoint).hostname.endsWith('.r2.cloudflarestorage.com');
}
