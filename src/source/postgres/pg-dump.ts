import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type HoldfastError, SourceError } from '../../lib/errors.ts';
import type { Connected } from './connect.ts';
import type { PgDumpRequest, PgDumpResult } from './pg-dump-worker.ts';
import { borrowSocket } from './wire.ts';

/** The release of the pg_dump that ships in @electric-sql/pglite-tools. It reads servers up to its own major. */
export const bundledPgDump = { version: '18.3', major: 18 };

/** What a pg_dump that succeeded has written. */
export interface PgDumped {
  /** UTF-8, or the database's own bytes for SQL_ASCII. */
  script: Buffer;
  /** Its stderr, where it says what it left out; empty as a rule. */
  complaint: string;
}

/** Machine code is shared by the threads that run it, and what the first run has made of it the next one finds. */
let compiling: Promise<WebAssembly.Module> | null = null;

async function compile(): Promise<WebAssembly.Module> {
  const wasm = new URL('./pg_dump.wasm', import.meta.resolve('@electric-sql/pglite-tools/pg_dump'));
  return WebAssembly.compile(await readFile(wasm));
}

/**
 * Runs the real pg_dump, compiled to WASM, over a connection that `pg` has opened: TLS, passwords and certificates
 * are `pg`'s, the SQL is pg_dump's. It runs in a worker with blocking reads, so this thread stays free.
 * The connection can't be used for anything else afterwards; the caller ends it.
 *
 * @param args pg_dump's own arguments, such as `--section=pre-data`
 * @throws SourceError with pg_dump's words when it fails
 */
export async function runPgDump(connected: Connected, args: string[]): Promise<PgDumped> {
  const arrivals = new Int32Array(new SharedArrayBuffer(4));
  compiling ??= compile();
  const request: PgDumpRequest = {
    ...{ args, arrivals },
    parameters: [...connected.parameters],
    program: await compiling,
  };
  const worker = new Worker(new URL('./pg-dump-worker.ts', import.meta.url), { workerData: request });
  const socket = borrowSocket(connected.client, (chunk) => {
    worker.postMessage(Uint8Array.from(chunk));
    Atomics.add(arrivals, 0, 1);
    Atomics.notify(arrivals, 0);
  });
  const lost = (error?: Error) =>
    new SourceError(
      `The connection was lost while the schema was read${error ? `: ${error.message}` : ''}.`,
      {
        hint: 'Nothing was written. Running it again is safe.',
        publicReason: 'the database connection was lost',
      },
    );
  try {
    return await new Promise<PgDumped>((resolve, reject) => {
      if (socket.stream.destroyed) reject(lost());
      socket.stream.once('close', () => reject(lost()));
      socket.stream.once('error', (error) => reject(lost(error)));
      worker.once('error', reject);
      worker.on('message', (message: Uint8Array | PgDumpResult) => {
        if (message instanceof Uint8Array) socket.stream.write(message);
        else if (message.exitCode === 0) {
          resolve({ script: Buffer.from(message.output), complaint: message.complaint });
        } else reject(explainPgDump(message.complaint));
      });
    });
  } finally {
    socket.giveBack();
    await worker.terminate();
  }
}

/** A failure of any pg_dump, in its own words. */
export function explainPgDump(complaint: string): HoldfastError {
  if (/LOCK TABLE/.test(complaint) && /timeout/.test(complaint)) {
    return new SourceError(
      'A migration waits for a table behind this backup, and the application behind the migration: the backup gave way.',
      {
        hint: 'Nothing was written. Run it again when the migration is done.',
        publicReason: 'a table was locked by another session',
      },
    );
  }
  const reason = complaint.trim().split('\n').slice(0, 4).join(' ');
  return new SourceError(`pg_dump could not read the schema: ${reason}`, {
    hint: 'Nothing was written. If it names missing rights, grant pg_read_all_data to the backup role; otherwise run it again.',
    publicReason: 'the schema could not be read',
  });
}
