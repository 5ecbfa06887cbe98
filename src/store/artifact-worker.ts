import { parentPort } from 'node:worker_threads';
import { ArtifactNotFoundError, DefaultArtifactClient } from '@actions/artifact';

/**
 * GitHub's own client of the artifact service, in a thread of its own. It reads its settings from the environment and
 * prints to stdout what a runner takes for commands (warnings become annotations); a thread has an environment and a
 * stdout of its own, so neither reaches the rest.
 */

export type ArtifactRequest =
  | { call: 'upload'; name: string; file: string; folder: string; retentionDays: number }
  | { call: 'look'; name: string }
  | { call: 'remove'; name: string };

export interface UploadedArtifact {
  id: number;
  sizeBytes: number | null;
  /** `sha256:…`; null when the service names none. */
  digest: string | null;
}

export interface ArtifactReply {
  /** Of the call; 0 when all is loaded. */
  number: number;
  /** Null: there is no such artifact in this run. */
  value?: UploadedArtifact | null;
  error?: { name: string; message: string };
}

const client = new DefaultArtifactClient();

async function answer(request: ArtifactRequest): Promise<UploadedArtifact | null> {
  if (request.call === 'upload') {
    const { name, file, folder, retentionDays } = request;
    // Raw: the archive is compressed already, and what is downloaded is what was uploaded, digest and all.
    const { id, size, digest } = await client.uploadArtifact(name, [file], folder, {
      skipArchive: true,
      retentionDays,
    });
    return { id: id ?? 0, sizeBytes: size ?? null, digest: digest ? `sha256:${digest}` : null };
  }
  try {
    if (request.call === 'remove') {
      const { id } = await client.deleteArtifact(request.name);
      return { id, sizeBytes: null, digest: null };
    }
    const { artifact } = await client.getArtifact(request.name);
    return { id: artifact.id, sizeBytes: artifact.size, digest: artifact.digest ?? null };
  } catch (error) {
    if (error instanceof ArtifactNotFoundError) return null;
    throw error;
  }
}

parentPort!.postMessage({ number: 0 } satisfies ArtifactReply);
parentPort!.on('message', async ({ number, request }: { number: number; request: ArtifactRequest }) => {
  let reply: ArtifactReply;
  try {
    reply = { number, value: await answer(request) };
  } catch (error) {
    const { name, message } = error as Error;
    reply = { number, error: { name, message } };
  }
  parentPort!.postMessage(reply);
});
