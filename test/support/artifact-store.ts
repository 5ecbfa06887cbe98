import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { githubClient } from '../../src/github/client.ts';
import { type ArtifactStoreOptions, artifactStore } from '../../src/store/artifact.ts';
import { keyOfArtifact } from '../../src/store/artifact-names.ts';
import type { Store } from '../../src/store/store.ts';
import { type FakeArtifactService, startArtifactService } from './artifact-service.ts';
import type { FakeRepository } from './github/repository.ts';
import type { Permissions } from './github/route.ts';
import { type FakeGithub, startGithubApi } from './github-api.ts';

/** Stores of artifacts in a fake GitHub. */
export interface ArtifactPlace {
  github: FakeGithub;
  service: FakeArtifactService;
  /** Where the runner keeps what is temporary. */
  tempFolder: string;
  /** As a job of this run has it; null: from elsewhere, by REST alone. */
  storeOf(
    runId: number | null,
    changes?: Partial<ArtifactStoreOptions> & { permissions?: Permissions },
  ): Store;
  /** Keys of all artifacts, finished or not, and names of files that are left on the runner. */
  everything(): Promise<string[]>;
  close(): Promise<void>;
}

const fastTimers = new URL('./fast-timers.mjs', import.meta.url).pathname;

export async function openArtifactPlace(options: Partial<FakeRepository> = {}): Promise<ArtifactPlace> {
  const github = await startGithubApi(options);
  const service = await startArtifactService(github.repository);
  const tempFolder = await mkdtemp(join(tmpdir(), 'holdfast-runner-'));
  return {
    github,
    service,
    tempFolder,
    storeOf(runId, { permissions, ...changes } = {}) {
      const job = runId === null ? {} : service.environmentOf(runId);
      const sleep = async () => {};
      return artifactStore('artifact', {
        octokit: githubClient({
          token: github.token(permissions ?? { actions: 'write' }),
          apiUrl: github.url,
          sleep,
          timeoutMs: 5000,
        }),
        owner: github.repository.owner,
        repo: github.repository.name,
        retentionDays: 90,
        index: async () => [],
        env: { ...job, RUNNER_TEMP: tempFolder, NODE_OPTIONS: `--import=${fastTimers}`, ...changes.env },
        sleep,
        ...(({ env: _, ...rest }) => rest)(changes),
      });
    },
    async everything() {
      const names = github.repository.artifacts.map(({ name }) => keyOfArtifact(name) ?? name);
      return [...names, ...(await readdir(tempFolder, { recursive: true }))];
    },
    async close() {
      await github.close();
      await service.close();
      await rm(tempFolder, { recursive: true });
    },
  };
}
