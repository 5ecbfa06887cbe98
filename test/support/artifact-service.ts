import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { digestOf } from '../../src/lib/digest.ts';
import { type FakeBlobs, openBlobs } from './artifact-blobs.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';
import type { FakeArtifact, FakeRepository } from './github/repository.ts';

/**
 * A fake of the service that @actions/artifact 6 speaks to (Twirp, version 4 of artifacts), and of its blob storage,
 * at the wire. It is our reading of that client, not of the service, whose source is not public. What it holds is in
 * the repository of the REST fake, so that both show the same artifacts.
 */

export interface FakeArtifactService extends FaultServer {
  /** What its answers do wrong. */
  behaviour: {
    /** Lists artifacts with this digest instead of their own. */
    listsDigest: string | null;
    /** The blob storage keeps nothing of what it takes. */
    keepsNothing: boolean;
    /** Days after which everything expires, whatever was asked for. */
    clampsToDays: number | null;
    /** Addresses that are given out have already expired. */
    givesExpiredUrls: boolean;
  };
  /** Environment of a job of a run, as the runner sets it. */
  environmentOf(runId: number): Record<string, string>;
  bytesOf(artifact: FakeArtifact): Promise<Buffer | null>;
  /** An artifact as some run has left it. */
  plant(
    bytes: Buffer,
    artifact: { name: string; runId: number } & Partial<FakeArtifact>,
  ): Promise<FakeArtifact>;
  /** Other bytes than those that were uploaded, as a broken storage has them. */
  spoil(artifact: FakeArtifact, bytes: Buffer): Promise<void>;
}

interface Run {
  runId: number;
  backendId: string;
  jobId: string;
}

const service = '/twirp/github.actions.results.api.v1.ArtifactService/';
const dayMs = 24 * 3_600_000;

export async function startArtifactService(repository: FakeRepository): Promise<FakeArtifactService> {
  const runs = new Map<string, Run>();
  const behaviour: FakeArtifactService['behaviour'] = {
    listsDigest: null,
    keepsNothing: false,
    clampsToDays: null,
    givesExpiredUrls: false,
  };
  const blobs: FakeBlobs = await openBlobs({
    url: () => server.url,
    now: repository.now,
    keepsNothing: () => behaviour.keepsNothing,
  });
  const sign = (artifact: FakeArtifact, limitMs?: number) =>
    blobs.sign(String(artifact.id), behaviour.givesExpiredUrls ? -1 : limitMs);

  function newArtifact(options: { name: string; runId: number } & Partial<FakeArtifact>): FakeArtifact {
    const artifact: FakeArtifact = {
      id: repository.nextId(),
      sizeBytes: 0,
      digest: null,
      createdAt: repository.now(),
      expiresAt: repository.now() + 90 * dayMs,
      isFinalized: false,
      isFromFork: false,
      sign: () => sign(artifact),
      ...options,
    };
    repository.artifacts.push(artifact);
    blobs.describe(String(artifact.id), { fileName: artifact.name });
    return artifact;
  }

  const methods: Record<string, (run: Run, body: Record<string, string>) => unknown> = {
    CreateArtifact(run, { name = '', expires_at }) {
      if (ofRun(run).some((each) => each.name === name))
        throw new TwirpError(
          409,
          'already_exists',
          'an artifact with this name already exists on the workflow run',
        );
      const asked = expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires_at);
      const days = behaviour.clampsToDays ?? repository.artifactRetention.days;
      const artifact = newArtifact({
        name,
        runId: run.runId,
        expiresAt: Math.min(asked, repository.now() + days * dayMs),
      });
      return { ok: true, signed_upload_url: sign(artifact, 3_600_000) };
    },

    async FinalizeArtifact(run, { name, size, hash }) {
      const artifact = ofRun(run).find((each) => each.name === name);
      if (!artifact) throw new TwirpError(404, 'not_found', 'artifact not found');
      artifact.sizeBytes = behaviour.keepsNothing ? 0 : Number(size);
      artifact.digest = hash ?? null;
      artifact.isFinalized = true;
      return { ok: true, artifact_id: String(artifact.id) };
    },

    ListArtifacts(run, { name_filter, id_filter }) {
      const found = ofRun(run).filter(
        ({ isFinalized, name, id }) =>
          isFinalized &&
          (name_filter === undefined || name === name_filter) &&
          (id_filter === undefined || String(id) === id_filter),
      );
      return {
        artifacts: found.map(({ id, name, sizeBytes, digest, createdAt }) => ({
          workflow_run_backend_id: run.backendId,
          workflow_job_run_backend_id: run.jobId,
          database_id: String(id),
          name,
          size: String(sizeBytes),
          created_at: new Date(createdAt).toISOString(),
          digest: behaviour.listsDigest ?? digest,
        })),
      };
    },

    GetSignedArtifactURL(run, { name }) {
      const artifact = ofRun(run).find((each) => each.isFinalized && each.name === name);
      if (!artifact) throw new TwirpError(404, 'not_found', 'artifact not found');
      return { name, signed_url: sign(artifact) };
    },

    DeleteArtifact(run, { name }) {
      const artifact = ofRun(run).find((each) => each.name === name);
      if (!artifact) throw new TwirpError(404, 'not_found', 'artifact not found');
      repository.artifacts.splice(repository.artifacts.indexOf(artifact), 1);
      return { ok: true, artifact_id: String(artifact.id) };
    },
  };
  const ofRun = ({ runId }: Run) => repository.artifacts.filter((each) => each.runId === runId);

  const server: FaultServer = await startFaultServer(async (request, response, parsed) => {
    if (parsed.path.startsWith('/blob/')) return blobs.handle(request, response, parsed);
    const run = runs.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    const reply = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const body = (await json(request)) as Record<string, string>;
    if (!run) return reply(401, { code: 'unauthenticated', msg: 'invalid token' });
    const isOwn =
      body['workflow_run_backend_id'] === run.backendId && body['workflow_job_run_backend_id'] === run.jobId;
    if (!isOwn) return reply(403, { code: 'permission_denied', msg: 'the token is for another run' });
    const method = parsed.path.startsWith(service) ? methods[parsed.path.slice(service.length)] : undefined;
    if (!method) return reply(404, { code: 'bad_route', msg: 'no such method' });
    try {
      return reply(200, await method(run, body));
    } catch (error) {
      if (!(error instanceof TwirpError)) throw error;
      return reply(error.status, { code: error.code, msg: error.message });
    }
  });

  return Object.assign(server, {
    behaviour,
    environmentOf(runId: number) {
      const run = { runId, backendId: randomUUID(), jobId: randomUUID() };
      const token = tokenFor(run);
      runs.set(token, run);
      return {
        GITHUB_ACTIONS: 'true',
        GITHUB_RUN_ID: String(runId),
        GITHUB_REPOSITORY: `${repository.owner}/${repository.name}`,
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_RETENTION_DAYS: String(repository.artifactRetention.days),
        ACTIONS_RUNTIME_TOKEN: token,
        ACTIONS_RESULTS_URL: `${server.url}/`,
      };
    },
    async plant(bytes: Buffer, options: { name: string; runId: number } & Partial<FakeArtifact>) {
      const described = { isFinalized: true, sizeBytes: bytes.length, digest: digestOf(bytes) };
      const artifact = newArtifact({ ...described, ...options });
      await blobs.write(String(artifact.id), bytes);
      return artifact;
    },
    bytesOf: ({ id }: FakeArtifact) => blobs.read(String(id)),
    spoil: ({ id }: FakeArtifact, bytes: Buffer) => blobs.write(String(id), bytes),
    close: closing(server, blobs),
  });
}

function closing(server: FaultServer, blobs: FakeBlobs) {
  const close = server.close.bind(server);
  return async () => {
    await close();
    await blobs.close();
  };
}

/** Unsigned, with the one claim that the client reads. */
function tokenFor({ backendId, jobId }: Run): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ scp: `Actions.Results:${backendId}:${jobId}` })}.`;
}

class TwirpError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
