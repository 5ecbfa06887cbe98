import { Worker } from 'node:worker_threads';
import type { ArtifactReply, ArtifactRequest, UploadedArtifact } from './artifact-worker.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** All that GitHub's client of artifacts looks up, and what its connections need; no secret of the job is among it. */
const settings =
  /^(ACTIONS_(RUNTIME_TOKEN|RESULTS_URL|ARTIFACT_\w+)|GITHUB_(SERVER_URL|API_URL|RETENTION_DAYS)|https?_proxy|no_proxy|NODE_OPTIONS)$/i;

/** Message of an error that says nothing of whether the call took effect. */
export const fellSilent = 'the service fell silent';

/** An error of GitHub's client, by the name that it has there. */
export class ArtifactClientError extends Error {
  override readonly name: string;
  constructor({ name, message }: { name: string; message: string }) {
    // An address of the blob storage is signed: who has it may read or write.
    super(
      message
        .split('\n')[0]!
        .replace(/https?:\S+/g, '(address)')
        .slice(0, 300),
    );
    this.name = name;
  }
}

export interface ArtifactClient {
  /** @throws ArtifactClientError; null: there is no such artifact in this run */
  call(request: ArtifactRequest): Promise<UploadedArtifact | null>;
}

/**
 * GitHub's client of artifacts for the run that this is. Its thread starts with the first call, because loading it
 * takes a second, and keeps the process only while a call is under way.
 *
 * @param silenceMs a thread that neither answers nor prints for so long is ended: the client waits for ever for the rest
 *        of an answer that was cut off. Longer than its own patience with a block, which is five minutes.
 */
export function artifactClient(env: Env, silenceMs = 360_000): ArtifactClient {
  const waiting = new Map<number, { resolve(reply: ArtifactReply): void; reject(error: Error): void }>();
  let worker: Worker | null = null;
  let isLoaded = false;
  let lastNumber = 0;
  let silence: NodeJS.Timeout | undefined;

  /** It is alive, or has just been given something to do. */
  function heard() {
    clearTimeout(silence);
    const end = () => waiting.size > 0 && worker?.terminate();
    if (isLoaded) silence = setTimeout(end, silenceMs).unref();
  }

  function lost(error: Error) {
    clearTimeout(silence);
    worker = null;
    isLoaded = false;
    for (const each of waiting.values()) each.reject(error);
  }

  function start(): Worker {
    const started = new Worker(new URL('./artifact-worker.ts', import.meta.url), {
      env: Object.fromEntries(
        Object.entries(env).filter(([name]) => settings.test(name)),
      ) as NodeJS.ProcessEnv,
      stdout: true,
      stderr: true,
    });
    started.on('message', ({ number, ...reply }: ArtifactReply) => {
      isLoaded = true;
      heard();
      waiting.get(number)?.resolve({ number, ...reply });
    });
    // What it prints is of no use but as a sign of life.
    started.stdout.on('data', heard);
    started.stderr.on('data', heard);
    started.on('error', lost);
    started.on('exit', () => lost(new ArtifactClientError({ name: 'Silence', message: fellSilent })));
    return started;
  }

  return {
    async call(request) {
      worker ??= start();
      const number = ++lastNumber;
      worker.ref();
      heard();
      try {
        const { value = null, error } = await new Promise<ArtifactReply>((resolve, reject) => {
          waiting.set(number, { resolve, reject });
          worker!.postMessage({ number, request });
        });
        if (error) throw new ArtifactClientError(error);
        return value;
      } finally {
        waiting.delete(number);
        if (waiting.size === 0) worker?.unref();
      }
    },
  };
}
