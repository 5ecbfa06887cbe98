import { createHash, timingSafeEqual } from 'node:crypto';
import { Refused } from './refused.ts';

/** Shorter keys can be guessed. */
export const minimumKeyLength = 16;

/**
 * Which of the keys a request carries in `x-api-key`, by its place. Every key is compared whole, as a digest of equal
 * length, so that the time taken tells nothing about any of them.
 *
 * @throws Refused 401, the same for a missing key and a wrong one; 503 when no usable key is configured
 */
export function authenticate(request: Request, keys: readonly string[]): number {
  if (keys.length === 0) {
    throw new Refused(503, 'no_api_key', 'The backup endpoint has no usable API key configured.');
  }
  const given = request.headers.get('x-api-key') ?? '';
  let place = -1;
  keys.forEach((key, index) => {
    if (isSameSecret(key, given)) place = index;
  });
  if (place < 0) throw new Refused(401, 'unauthorized', 'The x-api-key header is missing or wrong.');
  return place;
}

/** Whether two secrets are the same, in a time that tells nothing about them. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
