import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { S3Store } from '../../src/store/s3.ts';
import { s3Store } from '../../src/store/s3.ts';
import { failureOf, streamOf, within } from '../support/pieces.ts';
import type { Fault } from '../support/s3/faults.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { impatient, optionsFor } from '../support/s3-under-test.ts';

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const at = `nightly/prod/${key}`;
const bytes = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) >> 3));

let server: S3Server;
let store: S3Store;
let waits: number[];
beforeEach(async () => {
  server = await startS3Server();
  waits = [];
  const sleep = async (durationMs: number) => void waits.push(durationMs);
  store = s3Store('bucket', optionsFor(server, { limits: { ...impatient, sleep } }));
  await store.put(key, streamOf(bytes));
  server.requests.length = 0;
});
afterEach(() => server.close());

const fault = (what: Partial<Fault>) => server.faults.push({ on: 'GetObject', ...what });
const read = async () => within(10_000, buffer(await store.get(key)));
const reads = () => server.requests.filter(({ operation }) => operation === 'GetObject');

describe('a download goes on from the byte it reached', () => {
  test.each([
    ['is cut', { cutAnswerAfterBytes: 1_000_000 }],
    ['ends short of its length', { endAnswerAfterBytes: 1_000_000 }],
    ['stops without an end', { stallAnswerAfterBytes: 1_000_000 }],
    ['is cut before the first byte', { cutAnswerAfterBytes: 0 }],
  ])('when the answer %s', async (_, what) => {
    fault(what);
    expect((await read()).equals(bytes)).toBe(true);
    const [first, second, ...more] = reads();
    expect(first?.headers).not.toHaveProperty('range');
    expect(second?.headers).toMatchObject({
      range: expect.stringMatching(/^bytes=\d+-$/),
      'if-match': server.contents.current.get(at)?.etag,
    });
    expect(more).toEqual([]);
  });

  test('as often as it takes, as long as each try brings something', async () => {
    for (let i = 0; i < 10; i++) fault({ cutAnswerAfterBytes: 250_000 });
    expect((await read()).equals(bytes)).toBe(true);
    expect(reads()).toHaveLength(11);
  });

  test('but gives up when nothing comes any more, with growing waits between', async () => {
    fault({ cutAnswerAfterBytes: 1_000_000 });
    fault({ times: 99, cutAnswerAfterBytes: 0 });
    const stream = await store.get(key);
    let readBytes = 0;
    const error = await failureOf(
      within(
        10_000,
        (async () => {
          for await (const piece of stream) readBytes += (piece as Buffer).length;
        })(),
      ),
    );
    expect(error).toMatchObject({
      name: 'StoreError',
      publicReason: expect.stringContaining('connection was cut'),
    });
    expect(readBytes).toBeLessThanOrEqual(1_000_000);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.length).toBeGreaterThan(1);
  });

  test('past an overloaded service', async () => {
    fault({ cutAnswerAfterBytes: 1_000_000 });
    fault({ times: 2, refuse: { status: 503, code: 'SlowDown' } });
    expect((await read()).equals(bytes)).toBe(true);
  });
});

test('a slow answer that keeps moving is no failure', async () => {
  fault({ pauseMs: 30 });
  expect((await read()).equals(bytes)).toBe(true);
  expect(reads()).toHaveLength(1);
});

test('a slow reader loses nothing, though the connection is given up meanwhile', async () => {
  const pieces: Buffer[] = [];
  for await (const piece of await store.get(key)) {
    pieces.push(piece as Buffer);
    if (pieces.length === 3) await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
});

describe('never are other bytes given out as the object', () => {
  test('when it is replaced during a cut', async () => {
    fault({ cutAnswerAfterBytes: 1_000_000 });
    const stream = await store.get(key);
    const object = server.contents.current.get(at)!;
    server.contents.current.set(at, { ...object, etag: '"another"' });
    const error = await within(10_000, failureOf(buffer(stream)));
    expect(error).toMatchObject({ name: 'IntegrityError', publicReason: 'a copy changed while it was read' });
  });

  test('when it is removed during a cut', async () => {
    fault({ cutAnswerAfterBytes: 1_000_000 });
    const stream = await store.get(key);
    server.contents.current.delete(at);
    expect(await within(10_000, failureOf(buffer(stream)))).toMatchObject({
      name: 'StoreError',
      message: expect.stringContaining('has no crm/'),
    });
  });

  test('when one byte of it is another: S3 knows the checksum of an object in one piece', async () => {
    fault({ flipByteAt: 2_000_000 });
    expect(await failureOf(read())).toMatchObject({ name: 'IntegrityError' });
    expect(reads()).toHaveLength(1);
  });

  test('when the rest is of another range than asked for', async () => {
    fault({ cutAnswerAfterBytes: 1_000_000 });
    fault({ claim: { 'content-range': 'bytes 5-2999999/3000000' } });
    expect(await failureOf(read())).toMatchObject({ name: 'IntegrityError' });
  });
});

test('one that leaves early closes the connection, also while it waits for a byte', async () => {
  fault({ stallAnswerAfterBytes: 1_000_000 });
  const stream = await store.get(key);
  stream.resume();
  await new Promise((resolve) => setTimeout(resolve, 100));
  stream.destroy();
  await within(900, new Promise((resolve) => stream.once('close', resolve)));
  expect(reads()).toHaveLength(1);
});

test('an object in cold storage says so', async () => {
  server.contents.current.get(at)!.storageClass = 'DEEP_ARCHIVE';
  expect(await failureOf(store.get(key))).toMatchObject({
    message:
      'Store bucket could not be read: the object is in cold storage (InvalidObjectState, HTTP 403, request TESTREQUEST).',
  });
});
