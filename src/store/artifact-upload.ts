import { ConfigError, IntegrityError, StoreError } from '../lib/errors.ts';
import { type ArtifactClient, fellSilent } from './artifact-client.ts';
import type { Staged } from './artifact-staging.ts';
import type { UploadedArtifact } from './artifact-worker.ts';

/** @actions/artifact fails softly: what it only warns of, or says nothing about, is an error here. */

export interface UploadOptions {
  client: ArtifactClient;
  /** The configured name of the store. */
  store: string;
  /** Also the file's, which is what counts with raw uploads. */
  name: string;
  retentionDays: number;
  sleep(ms: number): Promise<unknown>;
}

const tries = 3;

/**
 * Uploads a staged file as an artifact of this run and checks that the service shows just that.
 *
 * @returns the artifact's id
 * @throws StoreError; IntegrityError when the service shows something else than was sent, which is removed
 */
export async function uploadArtifact(staged: Staged, options: UploadOptions): Promise<number> {
  const { client, store, name } = options;
  const { id, ...uploaded } = await attempt(staged, options);
  const listed = await client.call({ call: 'look', name }).catch((error) => {
    throw explain(error, store);
  });
  // The service repeats the digest that was sent to it, so one that names none loses nothing: reading back proves it.
  const isSame = (shown: Omit<UploadedArtifact, 'id'>) =>
    shown.sizeBytes === staged.sizeBytes && (shown.digest === null || shown.digest === staged.digest);
  if (listed && listed.id === id && isSame(uploaded) && isSame(listed)) return id;
  if (listed?.id === id) await client.call({ call: 'remove', name }).catch(() => {});
  const what =
    listed === null ? 'does not show what it has just taken' : 'holds other bytes than were sent to it';
  throw new IntegrityError(`Store ${store} ${what}.`, {
    hint: 'This copy does not count. Run the backup again; https://www.githubstatus.com tells of outages.',
    publicReason: 'a store holds other bytes than were sent',
  });
}

async function attempt(staged: Staged, options: UploadOptions): Promise<UploadedArtifact> {
  const { client, store, name, retentionDays, sleep } = options;
  const { file, folder } = staged;
  for (let tried = 1; ; tried += 1) {
    try {
      const made = await client.call({ call: 'upload', name, file, folder, retentionDays });
      return made!;
    } catch (error) {
      const { message } = error as Error;
      if (tried === 1 && isTaken(message)) throw taken(store);
      // The answer may have been lost after all was done.
      const there = await client.call({ call: 'look', name }).catch(() => null);
      if (there?.sizeBytes === staged.sizeBytes && there.digest === staged.digest) return there;
      if (!isNetwork(message) || tried === tries) throw explain(error, store);
      await sleep(2000 * tried);
    }
  }
}

/** What GitHub's client throws, in our words. */
function explain(error: unknown, store: string): unknown {
  const { name, message } = error as Error;
  const what = `Store ${store} could not be written to`;
  if (isTaken(message)) return taken(store);
  if (name === 'UsageError' || /quota/i.test(message)) {
    return new StoreError(`${what}: the account's storage for artifacts is used up.`, {
      hint: 'Lower retention-days, delete artifacts, or raise the limit. GitHub counts again every 6 to 12 hours.',
      publicReason: 'a store could not be written to: its quota is used up',
    });
  }
  if (name === 'GHESNotSupportedError') {
    return new ConfigError(`${what}: GitHub Enterprise Server does not have this kind of artifacts.`, {
      hint: 'Use a store of type s3 or directory.',
      publicReason: 'artifacts are not supported here',
    });
  }
  if (/JWT|\((401|403)\)/.test(message)) {
    return new StoreError(
      `${what}: the artifact service does not accept the token of this run (${message}).`,
      {
        hint: 'Tokens end with their job: was it started from inside of the run?',
        publicReason: 'a store could not be written to: it refused the run',
      },
    );
  }
  return new StoreError(`${what}: ${message}.`, {
    hint: 'Nothing half-written is shown, and earlier backups are untouched. Running it again is safe.',
    publicReason: 'a store could not be written to',
    cause: error,
  });
}

/** The client wraps its NetworkError in another one, and repeats nothing after it. */
const isNetwork = (message: string) => message === fellSilent || /Unable to make request: E/.test(message);
const isTaken = (message: string) => /already exists|\(409\)/.test(message);

export function taken(store: string): StoreError {
  return new StoreError(
    `Store ${store} already holds an artifact of that name; nothing is ever overwritten.`,
    {
      hint: 'GitHub also keeps the name of an upload that broke off, for the rest of the run: start another run.',
      publicReason: 'the store already holds this backup',
    },
  );
}
