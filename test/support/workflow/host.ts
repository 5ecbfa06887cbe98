import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeArtifactService, startArtifactService } from '../artifact-service.ts';
import type { FakeRepository } from '../github/repository.ts';
import type { Permissions } from '../github/route.ts';
import { type FakeGithub, startGithubApi } from '../github-api.ts';

/** A repository at GitHub in which workflows run: what its owner has put there, and what runs leave behind. */

export interface Environment {
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  /** Jobs wait for somebody who approves. */
  needsReview?: boolean;
}

export interface Host {
  github: FakeGithub;
  service: FakeArtifactService;
  /** `owner/name` of the repository that holds our workflows: this one, or another whose workflows it calls. */
  workflowRepository: string;
  /** Of its default branch, by path. */
  files: Record<string, string>;
  secrets: Record<string, string>;
  vars: Record<string, string>;
  environments: Record<string, Environment>;
  /** What is at the address of its page, by path; null before the first deployment. */
  page: Record<string, string> | null;
  /** Ends when the job that holds the concurrency group has ended. */
  groups: Map<string, Promise<void>>;
  /** Where a URL that names a service container leads to here, where there are no containers. */
  serviceUrl: ((image: string) => Promise<string>) | null;
  /** Bundles are compiled once for all jobs: no job may see a difference, and the tests take less time. */
  compileCache: string;
  /** A token of a job, good for exactly this. */
  token(permissions: Permissions): string;
  nextRunId(): number;
  close(): Promise<void>;
}

export type HostSettings = Partial<
  Pick<Host, 'files' | 'secrets' | 'vars' | 'environments' | 'serviceUrl' | 'workflowRepository'>
> & { repository?: Partial<FakeRepository> };

export async function openHost({ repository, ...settings }: HostSettings = {}): Promise<Host> {
  const github = await startGithubApi(repository);
  const service = await startArtifactService(github.repository);
  const compileCache = await mkdtemp(join(tmpdir(), 'holdfast-compiled-'));
  let runId = 9000;
  return {
    github,
    service,
    compileCache,
    workflowRepository: `${github.repository.owner}/${github.repository.name}`,
    files: {},
    secrets: {},
    vars: {},
    environments: {},
    page: null,
    groups: new Map(),
    serviceUrl: null,
    ...settings,
    token: (permissions) => github.token(permissions),
    nextRunId: () => ++runId,
    async close() {
      await github.close();
      await service.close();
      await rm(compileCache, { recursive: true });
    },
  };
}
