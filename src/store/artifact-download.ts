import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Github, Repository } from '../github/client.ts';
import { statusOf } from '../github/explain.ts';
import { HoldfastError, IntegrityError, StoreError } from '../lib/errors.ts';
import type { RestArtifact } from './artifact-listing.ts';

export interface DownloadOptions extends Repository {
  octokit: Github;
  /** The configured name of the store. */
  store: string;
  fetch: typeof fetch;
  sleep(ms: number): Promise<unknown>;
  /** How long no byte may come before the connection counts as dead. */
  stallMs: number;
  /** Turns an error of octokit into ours. */
  explain(error: unknown): unknown;
}

const tries = 5;

/**
 * The bytes of an artifact as they come, without touching the disk, which the client of @actions/artifact would. A
 * connection that breaks is taken up again where it broke, under a fresh address: addresses are good for a minute.
 *
 * @returns a stream that ends with IntegrityError when the bytes are not those of the artifact, StoreError otherwise
 */
export function downloadArtifact(artifact: RestArtifact, options: DownloadOptions): Readable {
  return Readable.from(pieces(artifact, options), { objectMode: false, highWaterMark: 1 << 18 });
}

async function* pieces(artifact: RestArtifact, options: DownloadOptions): AsyncGenerator<Buffer> {
  const { store, sleep } = options;
  const hash = createHash('sha256');
  let offset = 0;
  let failures = 0;
  while (offset < artifact.sizeBytes) {
    try {
      for await (const bytes of piecesFrom(offset, artifact, options)) {
        offset += bytes.length;
        failures = 0;
        if (offset > artifact.sizeBytes) throw otherBytes(store);
        hash.update(bytes);
        yield bytes;
      }
      if (offset < artifact.sizeBytes) throw new Error('the answer ended early');
    } catch (error) {
      failures += 1;
      const known = options.explain(error);
      if (known instanceof HoldfastError) throw known;
      if (failures >= tries) throw broken(store, error);
      await sleep(1000 * 2 ** failures);
    }
  }
  if (artifact.digest !== null && `sha256:${hash.digest('hex')}` !== artifact.digest) throw otherBytes(store);
}

async function* piecesFrom(
  offset: number,
  artifact: RestArtifact,
  options: DownloadOptions,
): AsyncGenerator<Buffer> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error('no byte came')), options.stallMs);
  try {
    const address = await addressOf(artifact, options);
    const headers: HeadersInit = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const response = await options.fetch(address, { headers, signal: stalled.signal });
    if (response.status !== (offset > 0 ? 206 : 200) && response.status !== 200)
      throw new Error(`the storage answered ${response.status}`);
    // A storage that knows no ranges begins again.
    let repeated = response.status === 200 ? offset : 0;
    for await (const part of response.body ?? []) {
      timer.refresh();
      const bytes = Buffer.from(part);
      const isNew = bytes.subarray(Math.min(repeated, bytes.length));
      repeated -= bytes.length - isNew.length;
      if (isNew.length > 0) yield isNew;
      // The reader may take its time; only the storage is being timed.
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    stalled.abort();
  }
}

/** A signed address of the storage; it is a secret and in no message. */
async function addressOf(
  { id }: RestArtifact,
  { octokit, owner, repo, store }: DownloadOptions,
): Promise<string> {
  try {
    const { headers } = await octokit.rest.actions.downloadArtifact({
      owner,
      repo,
      artifact_id: id,
      archive_format: 'zip',
      request: { redirect: 'manual' },
    });
    if (headers.location) return headers.location;
  } catch (error) {
    const status = statusOf(error);
    if (status === 410) throw expired(store, null);
    if (status === 404) throw gone(store);
    throw error;
  }
  throw new Error('GitHub gave no address');
}

/** @param expiresAt ISO; null when not known */
export function expired(store: string, expiresAt: string | null): StoreError {
  const when = expiresAt ? ` on ${expiresAt.slice(0, 10)}` : '';
  return new StoreError(`The copy in store ${store} has expired: GitHub deleted it${when}.`, {
    hint: 'Use another copy. retention-days of the store says how long GitHub keeps artifacts; it is 90 days at most in public repositories.',
    publicReason: 'a copy has expired',
  });
}

export function gone(store: string): StoreError {
  return new StoreError(`Store ${store} does not hold it (any more).`, {
    hint: 'The artifact, or the run it belonged to, was deleted: use another copy or an earlier backup.',
    publicReason: 'a copy is missing from its store',
  });
}

function otherBytes(store: string) {
  return new IntegrityError(`Store ${store} gave other bytes than were uploaded.`, {
    hint: 'This copy is damaged. Use another copy or an earlier backup.',
    publicReason: 'a copy is damaged',
  });
}

function broken(store: string, cause: unknown) {
  const why = (cause as Error).message.replace(/https?:\S+/g, '(address)');
  return new StoreError(`Store ${store} could not be read: the download broke off ${tries} times (${why}).`, {
    hint: 'Nothing was changed; running it again is safe. https://www.githubstatus.com tells of outages.',
    publicReason: 'a store could not be read: the download broke off',
    cause,
  });
}
