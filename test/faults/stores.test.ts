import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { copyNewestMissing } from '../../src/copy-missing.ts';
import { githubClient } from '../../src/github/client.ts';
import { githubLedger } from '../../src/ledger/github-branch.ts';
import { s3Store } from '../../src/store/s3.ts';
import type { Store } from '../../src/store/store.ts';
import { type ArtifactPlace, openArtifactPlace } from '../support/artifact-store.ts';
import { contentRootOf } from '../support/content-root.ts';
import { expectRightState, faultTries, note, stateOf, told } from '../support/faults/scene.ts';
import { startTcpProxy, type TcpProxy } from '../support/faults/tcp-proxy.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { impatient, optionsFor } from '../support/s3-under-test.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** The network between us and S3 or GitHub, while something is written there or read from there. */

let url: string;
let place: Workplace;
beforeAll(async () => {
  url = await newDatabase(18);
  // More than one part of an upload.
  await run(url, 'CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) FROM generate_series(1, 150000) i');
});
afterAll(stopServers);
beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(() => place[Symbol.asyncDispose]());

const faults: [string, (proxy: TcpProxy) => void][] = [
  ['connection cut once', (proxy) => proxy.cut()],
  ['network gone', (proxy) => proxy.cutForGood()],
  ['network silent', (proxy) => proxy.swallow()],
];

/** Begins something and does the fault as soon as the moment has come. */
async function during(isMoment: () => boolean, act: () => void, work: Promise<unknown>): Promise<string> {
  let isOver = false;
  const outcome = told(work).finally(() => {
    isOver = true;
  });
  while (!isOver && !isMoment()) await delay(1);
  act();
  return outcome;
}

/** As the proxy gives an address, and without the slash that URLs get. */
const origin = (address: string) => new URL(address).origin;

describe('S3', () => {
  let s3: S3Server;
  let direct: Store;
  let earlier: string;
  beforeEach(async () => {
    s3 = await startS3Server();
    direct = s3Store('bucket', optionsFor(s3));
    place.deps.stores = [direct];
    earlier = (await place.backup(url)).id;
    s3.requests.length = 0;
  });
  afterEach(() => s3.close());

  const through = (proxy: TcpProxy) =>
    s3Store('bucket', optionsFor(s3, { endpoint: origin(proxy.through(s3.endpoint)), limits: impatient }));
  const asked = (operations: string[], ending: string) =>
    s3.requests.some(({ operation, key }) => operations.includes(operation) && key.endsWith(ending));
  const stages: [string, () => boolean][] = [
    ['the upload', () => asked(['UploadPart', 'PutObject'], '/archive.tar.age')],
    ['the end of the upload', () => asked(['CompleteMultipartUpload'], '/archive.tar.age')],
    ['the receipt', () => asked(['PutObject'], '/receipt.json')],
  ];

  for (const [fault, act] of faults) {
    test.each(stages)(
      `${fault} during %s`,
      async (stage, isMoment) => {
        const saw: string[] = [];
        for (let tries = 0; tries < faultTries; tries += 1) {
          await using proxy = await startTcpProxy(s3.endpoint);
          place.deps.stores = [through(proxy)];
          s3.requests.length = 0;
          saw.push(await during(isMoment, () => act(proxy), place.backup(url)));
          place.deps.stores = [direct];
        }
        for (const each of saw) expect(each).toMatch(/^made$|^StoreError/);
        if (act !== faults[0]![1]) expect(saw).not.toContain('made');
        const page = await stateOf(place);
        await expectRightState(place, url, [earlier]);
        note(`${fault} (S3)`, `backup: ${stage}`, saw.length, [...saw, `page: ${page}`]);
      },
      120_000,
    );

    test(`${fault} during a restore`, async () => {
      const target = await newDatabase(18);
      await run(target, 'CREATE TABLE mine (a int)');
      const before = await contentRootOf(target);
      const saw: string[] = [];
      for (let tries = 0; tries < 2 * faultTries; tries += 1) {
        await using proxy = await startTcpProxy(s3.endpoint);
        place.deps.stores = [through(proxy)];
        // The archive is read twice: to check it, and to restore it.
        const part = (tries % 2) + Math.random();
        const size = (await direct.size(`crm/${earlier}/archive.tar.age`))!;
        const isMoment = () => proxy.receivedBytes > size * part;
        saw.push(await during(isMoment, () => act(proxy), place.restore(target, { id: earlier })));
        place.deps.stores = [direct];
        if (saw.at(-1) !== 'made') expect(await contentRootOf(target)).toBe(before);
        else {
          expect(await run(target, 'SELECT count(*)::int AS n FROM noise')).toEqual([{ n: 150_000 }]);
          await run(target, 'DROP TABLE noise; CREATE TABLE mine (a int)');
        }
      }
      for (const each of saw) expect(each).toMatch(/^made$|^StoreError/);
      await expectRightState(place, url, [earlier]);
      note(`${fault} (S3)`, 'restore', saw.length, saw);
    }, 180_000);
  }

  test('gone beside another store: made there, and brought to S3 by the next run', async () => {
    await using proxy = await startTcpProxy(s3.endpoint);
    await using other = await openWorkplace();
    const [disk] = other.deps.stores;
    place.deps.stores = [through(proxy), disk!];
    const taking = place.backup(url);
    const saw = await during(stages[0]![1], () => proxy.cutForGood(), taking);
    expect(saw).toBe('made');
    expect(await taking).toMatchObject({ copies: [{ store: 'disk' }], failedStores: [{ store: 'bucket' }] });
    place.deps.stores = [direct, disk!];
    expect(await stateOf(place)).toBe('warning');
    // As every backup does at its end.
    const { copied } = await copyNewestMissing(place.deps, 'crm');
    expect(copied).toContainEqual({ id: (await taking).id, store: 'bucket' });
    await expectRightState(place, url, [earlier, (await taking).id]);
    note('network gone (S3), beside another store', 'backup', 1, 'made in the other; page: warning');
  }, 120_000);
});

describe('the ledger at GitHub', () => {
  let github: FakeGithub;
  let earlier: string;
  const ledgerAt = (apiUrl: string) => {
    const sleep = async () => {};
    const token = github.token({ contents: 'write' });
    return githubLedger({
      octokit: githubClient({ token, apiUrl, timeoutMs: 400, sleep }),
      ...{ owner: github.repository.owner, repo: github.repository.name, branch: 'holdfast-ledger', sleep },
    });
  };
  beforeEach(async () => {
    github = await startGithubApi();
    place.deps.ledger = ledgerAt(github.url);
    earlier = (await place.backup(url)).id;
  });
  afterEach(() => github.close());

  const stages = [
    ['what it held was read', 'GET ', '/git/matching-refs'],
    ['the record was sent', 'POST ', '/git/blobs'],
    ['the branch was moved', 'PATCH ', '/git/refs'],
  ] as const;
  for (const [fault, act] of faults) {
    test.each(stages)(
      `${fault} while %s`,
      async (stage, method, path) => {
        const saw: string[] = [];
        for (let tries = 0; tries < faultTries; tries += 1) {
          await using proxy = await startTcpProxy(github.url);
          const direct = place.deps.ledger;
          place.deps.ledger = ledgerAt(origin(proxy.through(github.url)));
          const taking = place.backup(url);
          // Not before the end: the history is read to compare with, too.
          const isOver = () => place.deps.stores[0]!.list('crm').then((keys) => keys.length > before);
          const before = (await place.deps.stores[0]!.list('crm')).length + 1;
          let isStored = false;
          void (async () => {
            for (; !isStored; isStored = await isOver()) await delay(5);
            github.requests.length = 0;
          })();
          const isMoment = () =>
            isStored && github.requests.some((line) => line.startsWith(method) && line.includes(path));
          saw.push(await during(isMoment, () => act(proxy), taking));
          isStored = true;
          place.deps.ledger = direct;
          const records = (await direct.read())!.filter(
            ({ verb, outcome }) => verb === 'backup' && outcome === 'succeeded',
          );
          expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
          if (saw.at(-1) === 'made') expect(records.at(-1)!.backupId).toBe((await taking).id);
        }
        for (const each of saw) expect(each).toMatch(/^made$|^StoreError/);
        const page = await stateOf(place);
        await expectRightState(place, url, [earlier]);
        note(`${fault} (GitHub)`, `backup: ${stage}`, saw.length, [...saw, `page: ${page}`]);
      },
      120_000,
    );
  }
});

describe('artifacts at GitHub', () => {
  let artifacts: ArtifactPlace;
  let serviceUrl: string;
  let runId = 0;
  let earlier: string;
  /** Each attempt is a run of its own, and the ledger says which. */
  const store = (ofRun = ++runId) => artifacts.storeOf(ofRun, { index: null, silenceMs: 1500, stallMs: 500 });
  beforeEach(async () => {
    artifacts = await openArtifactPlace();
    serviceUrl = artifacts.service.url;
    place.deps.stores = [store()];
    earlier = (await place.backup(url)).id;
  });
  afterEach(() => artifacts.close());

  const through = async () => {
    const proxy = await startTcpProxy(serviceUrl);
    artifacts.service.url = origin(proxy.through(serviceUrl));
    return proxy;
  };
  const asked = (text: string) => artifacts.service.requests.some((line) => line.includes(text));
  const stages = [
    ['the upload', 'PUT /blob/'],
    ['the end of the upload', 'FinalizeArtifact'],
  ] as const;
  for (const [fault, act] of faults) {
    test.each(stages)(
      `${fault} during %s`,
      async (stage, request) => {
        await using proxy = await through();
        place.deps.stores = [store()];
        artifacts.service.requests.length = 0;
        const saw = await during(
          () => asked(request),
          () => act(proxy),
          place.backup(url),
        );
        artifacts.service.url = serviceUrl;
        expect(saw).toMatch(/^made$|^StoreError/);
        place.deps.stores = [store()];
        const page = await stateOf(place);
        await expectRightState(place, url, [earlier]);
        note(`${fault} (artifacts)`, `backup: ${stage}`, 1, [saw, `page: ${page}`]);
      },
      120_000,
    );

    test(`${fault} during a restore`, async () => {
      const target = await newDatabase(18);
      await run(target, 'CREATE TABLE mine (a int)');
      const before = await contentRootOf(target);
      await using proxy = await through();
      place.deps.stores = [store()];
      const isMoment = () => proxy.receivedBytes > 2e6;
      const saw = await during(isMoment, () => act(proxy), place.restore(target, { id: earlier }));
      artifacts.service.url = serviceUrl;
      place.deps.stores = [store()];
      expect(saw).toMatch(/^made$|^StoreError/);
      if (saw !== 'made') expect(await contentRootOf(target)).toBe(before);
      await expectRightState(place, url, [earlier]);
      note(`${fault} (artifacts)`, 'restore', 1, saw);
    }, 120_000);
  }
});
