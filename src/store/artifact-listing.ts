import { z } from 'zod';
import type { Github, Repository } from '../github/client.ts';
import { digestOf } from '../lib/digest.ts';
import { StoreError } from '../lib/errors.ts';
import { keyOfArtifact } from './artifact-names.ts';

/** An artifact as the REST API shows it. */
export interface RestArtifact {
  id: number;
  name: string;
  sizeBytes: number;
  /** `sha256:…` of the stored bytes; null when GitHub names none, or of another kind. */
  digest: string | null;
  isExpired: boolean;
  /** ISO; null when GitHub names none. */
  createdAt: string | null;
  expiresAt: string | null;
  runId: number | null;
  /** True also when GitHub does not say where its run belongs. */
  isFromFork: boolean;
}

const id = z.int().positive();
const instant = z.iso.datetime({ offset: true }).nullish();

const listingSchema = z.object({ artifacts: z.array(z.unknown()) });
const namedSchema = z.object({ id, name: z.string() });
const artifactSchema = namedSchema.extend({
  size_in_bytes: z.int().nonnegative(),
  digest: z.string().nullish(),
  expired: z.boolean(),
  created_at: instant,
  expires_at: instant,
  workflow_run: z
    .object({ id: id.nullish(), repository_id: id.nullish(), head_repository_id: id.nullish() })
    .nullish(),
});

/** GitHub gives at most 100 at once; a repository with more than 100,000 of them is not looked through. */
const [perPage, mostPages] = [100, 1000];

interface ListOptions extends Repository {
  octokit: Github;
  /** Null: of all runs. */
  runId: number | null;
  /** Null: of any name. */
  name: string | null;
}

/**
 * The artifacts that could be ours. Pages are asked for by their numbers, because an address that an answer names would be
 * given the token; a list that only repeats itself ends.
 *
 * @throws StoreError when the answer is no such list; errors of octokit
 */
export async function listArtifacts({
  octokit,
  owner,
  repo,
  runId,
  name,
}: ListOptions): Promise<RestArtifact[]> {
  const filter = { owner, repo, per_page: perPage };
  const found = new Map<string, RestArtifact>();
  const pagesSeen = new Set<string>();
  for (let page = 1; page <= mostPages; page += 1) {
    const { data, headers } = await (runId === null
      ? octokit.rest.actions.listArtifactsForRepo({ ...filter, page, ...(name === null ? {} : { name }) })
      : octokit.rest.actions.listWorkflowRunArtifacts({ ...filter, page, run_id: runId }));
    const { artifacts } = checked(listingSchema, data);
    const names = artifacts.map((listed) => checked(namedSchema, listed));
    for (const [index, listed] of names.entries()) {
      // What other workflows keep is their business, whatever it looks like.
      if (keyOfArtifact(listed.name) === null || (name !== null && listed.name !== name)) continue;
      const artifact = read(checked(artifactSchema, artifacts[index]), runId);
      // The same one comes twice when a new one moves it to the next page. Two that differ are both kept.
      found.set(JSON.stringify(artifact), artifact);
    }
    if (!/rel="?next"?/.test(headers.link ?? '')) return [...found.values()];
    const mark = digestOf(Buffer.from(JSON.stringify(names)));
    if (pagesSeen.has(mark)) throw strange('it goes round in circles');
    pagesSeen.add(mark);
  }
  throw strange(`it has more than ${perPage * mostPages} artifacts`);
}

function read(listed: z.infer<typeof artifactSchema>, askedRunId: number | null): RestArtifact {
  const run = listed.workflow_run;
  if (askedRunId !== null && (run?.id ?? askedRunId) !== askedRunId)
    throw strange('it holds artifacts of another run');
  const isOfRepository = run?.repository_id != null && run.head_repository_id === run.repository_id;
  const digest = listed.digest?.toLowerCase() ?? null;
  return {
    id: listed.id,
    name: listed.name,
    sizeBytes: listed.size_in_bytes,
    digest: digest !== null && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : null,
    isExpired: listed.expired,
    createdAt: listed.created_at ?? null,
    expiresAt: listed.expires_at ?? null,
    runId: run?.id ?? null,
    isFromFork: !isOfRepository,
  };
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw strange(`${path.map(String).join('.') || 'all of it'}: ${message}`);
}

function strange(why: string): StoreError {
  return new StoreError(`GitHub's list of artifacts cannot be used (${why.slice(0, 200)}).`, {
    hint: 'Nothing was changed; running it again is safe. https://www.githubstatus.com tells of outages.',
    publicReason: "GitHub's list of artifacts cannot be used",
  });
}
