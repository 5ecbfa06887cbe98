import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Answer, Refusal, xml } from './s3/answers.ts';
import { type Call, checkWords, type Quirks } from './s3/call.ts';
import { Contents } from './s3/contents.ts';
import { type Fault, type Operation, operationOf, permissions, takeFault } from './s3/faults.ts';
import { deleteObject, getObject, headObject, listObjects, putObject } from './s3/objects.ts';
import { type Account, checkSignature } from './s3/signature.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  listUploads,
  uploadPart,
} from './s3/uploads.ts';

/**
 * A fake of Amazon S3 on the loopback, of one bucket. It is our reading of S3's documentation, not S3: it checks the
 * signature and every checksum and length, knows conditional writes, parts, ranges, paging and object lock, and breaks
 * off, stalls and lies when told to. What Amazon does otherwise than its documentation says, it does not show.
 */

const operations: Record<Operation, (call: Call) => Promise<Answer>> = {
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  ListObjectsV2: listObjects,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  ListMultipartUploads: listUploads,
  ListParts: listParts,
};

export interface S3ServerOptions {
  /** Keeps digests and sizes only: for uploads that are larger than the disk. */
  discard?: boolean;
  quirks?: Quirks;
  sessionToken?: string;
  region?: string;
  /** The server's clock, for object lock. */
  now?: () => number;
}

export async function startS3Server(options: S3ServerOptions = {}) {
  const account: Account = {
    accessKeyId: 'AKIAEXAMPLE',
    secretAccessKey: 'secret/of+the=tests',
    region: options.region ?? 'us-east-1',
    ...(options.sessionToken ? { sessionToken: options.sessionToken } : {}),
  };
  const folder = options.discard ? null : await mkdtemp(join(tmpdir(), 'holdfast-s3-'));
  const state = {
    bucket: 'backups',
    account,
    contents: new Contents(folder),
    quirks: options.quirks ?? {},
    faults: [] as Fault[],
    /** Permissions that the account lacks. */
    denied: new Set<string>(),
    requests: [] as { operation: Operation; key: string; url: string; headers: IncomingMessage['headers'] }[],
    now: options.now ?? Date.now,
  };
  const server = createServer((request, response) => void serve(state, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Objects, and what is left of uploads that did not end. */
    everything: () => [
      ...state.contents.current.keys(),
      ...[...state.contents.uploads.values()].map(({ key }) => `${key} (unfinished)`),
    ],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (folder) await rm(folder, { recursive: true });
    },
  });
}

export type S3Server = Awaited<ReturnType<typeof startS3Server>>;
type State = Omit<S3Server, 'endpoint' | 'everything' | 'close'>;

async function serve(state: State, request: IncomingMessage, response: ServerResponse) {
  request.on('error', () => {});
  let fault: Fault | null = null;
  try {
    const { bucket, key, query } = target(request, state.bucket);
    const operation = operationOf(request.method!, key, query);
    if (!operation) throw new Refusal(501, 'NotImplemented', 'This fake does not know that request.');
    state.requests.push({ operation, key, url: request.url!, headers: request.headers });
    fault = takeFault(state.faults, operation, Number(query.get('partNumber') ?? 0));
    if (fault?.hang) return;
    if (fault?.refuse) throw refusal(fault.refuse);
    checkSignature(request, state.account, Date.now());
    if (bucket !== state.bucket)
      throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
    if (state.denied.has(permissions[operation])) throw new Refusal(403, 'AccessDenied', 'Access Denied');
    const raw =
      fault?.cutRequestAfterBytes === undefined ? request : cut(request, fault.cutRequestAfterBytes);
    const call = {
      request,
      raw,
      bucket,
      key,
      query,
      contents: state.contents,
      quirks: state.quirks,
      now: state.now(),
    };
    checkWords(call);
    const answer = await operations[operation](call);
    if (fault?.loseAnswer) return request.socket.destroy();
    await send(response, answer, fault ?? { on: operation });
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    // Whatever is left of the body is read away, or the client would see a cut connection instead of the answer.
    request.resume();
    const refused =
      error instanceof Refusal ? error : new Refusal(500, 'InternalError', String((error as Error).stack));
    await send(response, answerOf(refused, request.method!), null);
  }
}

/** Path style; a bucket in the name of the host as well. */
function target(request: IncomingMessage, ownBucket: string) {
  const url = new URL(request.url!, 'http://127.0.0.1');
  const path = decodeURIComponent(request.url!.split('?')[0]!.slice(1));
  if (request.headers.host?.startsWith(`${ownBucket}.`))
    return { bucket: ownBucket, key: path, query: url.searchParams };
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  return { bucket, key: slash < 0 ? '' : path.slice(slash + 1), query: url.searchParams };
}

function refusal({ status, code, message, headers }: NonNullable<Fault['refuse']>) {
  return new Refusal(status, code, message, headers ? { headers } : {});
}

function answerOf({ status, code, message, headers, elements }: Refusal, method: string): Answer {
  const body = xml('Error', { Code: code, Message: message, ...elements, RequestId: 'TESTREQUEST' }).replace(
    / xmlns="[^"]*"/,
    '',
  );
  return {
    status,
    headers: { 'content-type': 'application/xml', ...headers },
    body: method === 'HEAD' ? null : body,
  };
}

async function* cut(request: IncomingMessage, afterBytes: number): AsyncGenerator<Buffer> {
  let left = afterBytes;
  for await (const bytes of request as AsyncIterable<Buffer>) {
    left -= bytes.length;
    if (left <= 0) request.socket.destroy();
    yield bytes;
  }
}

async function send(response: ServerResponse, { status, headers, body }: Answer, fault: Fault | null) {
  const [at, pauseMs = 0] = [fault?.flipByteAt, fault?.pauseMs];
  response.writeHead(status, { 'x-amz-request-id': 'TESTREQUEST', ...headers, ...fault?.claim });
  if (body === null || typeof body === 'string') return void response.end(body ?? undefined);
  const limit =
    fault?.cutAnswerAfterBytes ?? fault?.endAnswerAfterBytes ?? fault?.stallAnswerAfterBytes ?? Infinity;
  let sent = 0;
  for await (const bytes of body) {
    if (response.destroyed) return;
    const part = Buffer.from(bytes.subarray(0, Math.max(limit - sent, 0)));
    if (at !== undefined && at >= sent && at < sent + part.length) part[at - sent]! ^= 1;
    if (pauseMs > 0) await setTimeout(pauseMs);
    await new Promise((resolve) => response.write(part, resolve));
    sent += part.length;
    if (sent < limit) continue;
    if (fault?.cutAnswerAfterBytes !== undefined) response.socket?.resetAndDestroy();
    if (fault?.endAnswerAfterBytes !== undefined) response.socket?.end();
    return;
  }
  response.end();
}
