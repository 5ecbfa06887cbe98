import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startS3Server } from './s3-server.ts';

export interface PushCost {
  sizeBytes: number;
  digest: string;
  /** Most memory that the process held. */
  peakBytes: number;
  /** What it wrote to disks. */
  writtenBytes: number;
  durationMs: number;
}

/** What it costs to put each of these sizes, each in a process of its own, into a fake that keeps no bytes. */
export async function pushCosts(sizesBytes: number[]): Promise<PushCost[]> {
  const server = await startS3Server({ discard: true });
  const program = new URL('s3-push.ts', import.meta.url).pathname;
  const { accessKeyId, secretAccessKey } = server.account;
  const costs: PushCost[] = [];
  try {
    for (const sizeBytes of sizesBytes) {
      const args = [program, server.endpoint, accessKeyId, secretAccessKey, String(sizeBytes)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      costs.push(JSON.parse(stdout));
    }
    return costs;
  } finally {
    await server.close();
  }
}
