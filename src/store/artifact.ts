import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Github, Repository } from '../github/client.ts';
import { githubContext } from '../github/context.ts';
import { explainGithub } from '../github/explain.ts';
import { isPublic } from '../github/visibility.ts';
import { artifactClient } from './artifact-client.ts';
import { downloadArtifact, expired, gone } from './artifact-download.ts';
import { clearInPublic, isClearArchive, refuseExposure } from './artifact-guard.ts';
import type { ArtifactOrigin } from './artifact-index.ts';
import { daysOf, empty, refuseClamping, requireJob } from './artifact-limits.ts';
import { artifactNameOf } from './artifact-names.ts';
import { artifactFinder } from './artifact-rest.ts';
import { whileStaged } from './artifact-staging.ts';
import { taken, uploadArtifact } from './artifact-upload.ts';
import type { Store } from './store.ts';

export interface ArtifactStoreOptions extends Repository {
  /** With `actions: read`; `actions: write` to remove what earlier runs made. */
  octokit: Github;
  retentionDays: number;
  /** In which runs the ledger says that backups are; null: look through all artifacts of the repository. */
  index: (() => Promise<ArtifactOrigin[]>) | null;
  /** The runner's variables: ACTIONS_RUNTIME_TOKEN, ACTIONS_RESULTS_URL, RUNNER_TEMP, GITHUB_… */
  env: Readonly<Record<string, string | undefined>>;
  fetch?: typeof fetch;
  sleep?(ms: number): Promise<unknown>;
  /** How long a download may stand still. */
  stallMs?: number;
  /** How long GitHub's client may say nothing while it uploads. */
  silenceMs?: number;
  /** Of the file system of a folder. */
  freeBytes?(folder: string): Promise<number>;
}

/**
 * A store of GitHub artifacts: written by a run of GitHub Actions, read from anywhere. GitHub deletes them after
 * `retentionDays`, so it is a copy beside a lasting one.
 */
export function artifactStore(name: string, options: ArtifactStoreOptions): Store {
  const { octokit, owner, repo, retentionDays, env, sleep = (ms) => delay(ms) } = options;
  const runId = githubContext(env)?.runId ?? null;
  const finder = artifactFinder({ octokit, owner, repo, runId, index: options.index });
  const client = artifactClient(env, options.silenceMs);
  const doing = (what: string, permission: string) => (error: unknown) =>
    explainGithub(error, { what: `store ${name} could not be ${what}`, permission });
  const unreadable = doing('read', 'actions: read');
  const found = (key: string) =>
    finder.find(key).catch((error) => {
      throw unreadable(error);
    });

  let visibility: Promise<boolean> | null = null;
  const isInPublic = () => {
    visibility ??= isPublic(octokit, { owner, repo });
    return visibility;
  };

  return {
    name,
    kind: 'artifact',
    // GitHub documents no largest size for one artifact; the account's quota is the limit.
    capabilities: { maxRetentionDays: retentionDays, isImmutable: false, maxSizeBytes: null },

    async put(key, content) {
      content.on('error', () => {});
      try {
        requireJob(name, env);
        refuseClamping(name, retentionDays, Number(env['GITHUB_RETENTION_DAYS']));
        if (isClearArchive(key) && (await isInPublic())) throw clearInPublic();
        if ((await found(key)).some(({ isExpired }) => !isExpired)) throw taken(name);
        const file = artifactNameOf(key);
        const staging = {
          tempFolder: env['RUNNER_TEMP'] || tmpdir(),
          name: file,
          ...(options.freeBytes ? { freeBytes: options.freeBytes } : {}),
        };
        return await whileStaged(content, staging, async (staged) => {
          await refuseExposure(staged.head, isInPublic);
          if (staged.sizeBytes === 0) throw empty(name);
          const id = await uploadArtifact(staged, { client, store: name, name: file, retentionDays, sleep });
          const made = (await found(key)).find((artifact) => artifact.id === id);
          try {
            refuseClamping(name, retentionDays, daysOf(made));
          } catch (error) {
            await client.call({ call: 'remove', name: file }).catch(() => {});
            throw error;
          }
          return { sizeBytes: staged.sizeBytes, digest: staged.digest };
        });
      } catch (error) {
        content.destroy();
        throw error;
      }
    },

    async get(key): Promise<Readable> {
      const artifacts = await found(key);
      const live = artifacts.find(({ isExpired }) => !isExpired);
      if (live) {
        const { fetch: through = fetch, stallMs = 60_000 } = options;
        return downloadArtifact(live, {
          ...{ octokit, owner, repo, store: name, fetch: through, sleep, stallMs },
          explain: unreadable,
        });
      }
      throw artifacts[0] ? expired(name, artifacts[0].expiresAt) : gone(name);
    },

    async size(key) {
      return (await found(key)).find(({ isExpired }) => !isExpired)?.sizeBytes ?? null;
    },

    list: (folder) =>
      finder.keys(folder).catch((error) => {
        throw unreadable(error);
      }),

    async remove(key) {
      for (const artifact of await found(key)) {
        // What this run made, it may remove without a permission.
        const isOwn = artifact.runId === runId && env['ACTIONS_RUNTIME_TOKEN'];
        const isGone =
          isOwn && (await client.call({ call: 'remove', name: artifact.name }).catch(() => null));
        if (isGone) continue;
        await finder.remove(artifact).catch((error) => {
          throw doing('changed', 'actions: write')(error);
        });
      }
    },
  };
}
