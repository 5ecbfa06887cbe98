import type { ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { githubClient } from '../../src/github/client.ts';
import { missingRecords } from '../../src/ledger/rebuild.ts';
import { digestOf } from '../../src/lib/digest.ts';
import { HoldfastError, IntegrityError, StoreError } from '../../src/lib/errors.ts';
import { type ArtifactStoreOptions, artifactStore } from '../../src/store/artifact.ts';
import type { Store } from '../../src/store/store.ts';
import { verify } from '../../src/verify.ts';
import { type ArtifactPlace, openArtifactPlace } from '../support/artifact-store.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { deep, odd, patched } from '../support/hostile-json.ts';
import { failureOf, memoryGrowthDuring, streamOf, within } from '../support/pieces.ts';
import { identity, makeSmallArchive } from '../support/small-archive.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/**
 * Lists of artifacts that GitHub would never give, at the wire: each is refused with an error of ours, in little time and
 * memory, or what is read is the backup itself, to the last row.
 */

const { bytes, receipt } = await makeSmallArchive();
const { id } = receipt;
const contents = [bytes, Buffer.from(JSON.stringify(receipt))];
const [record] = missingRecords([{ receipt, store: { name: 'artifact', kind: 'artifact' } }], []);
const runId = 7;

/** As GitHub lists the two artifacts of a backup. */
const listing = {
  total_count: 2,
  artifacts: [id, `${id}.receipt.json`].map((name, index) => ({
    id: 100 + index,
    name,
    size_in_bytes: contents[index]!.length,
    digest: null as string | null,
    expired: false,
    created_at: '2026-11-22T02:02:00Z',
    expires_at: '2027-02-20T02:02:00Z',
    workflow_run: { id: runId, repository_id: 1, head_repository_id: 1 },
  })),
};

let server: FaultServer;
let place: Workplace;
let list: (response: ServerResponse, page: number) => void;
beforeAll(async () => {
  place = await openWorkplace();
  Object.assign(place.deps, { ledger: { read: async () => [record], append: async () => {} } });
  server = await startFaultServer(async (_, response, { path, query }) => {
    if (path.endsWith('/artifacts')) return list(response, Number(query.get('page')));
    const [, number] = /\/artifacts\/(\d+)\/zip$/.exec(path) ?? [];
    if (number !== undefined) {
      response.writeHead(302, { location: `${server.url}/blob/${number}` });
      return void response.end();
    }
    const content = contents[Number(/\/blob\/10(\d)$/.exec(path)?.[1] ?? -1)];
    response.writeHead(content ? 200 : 404);
    response.end(content);
  });
});
afterAll(async () => {
  await server.close();
  await place[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.requests.length = 0;
});

function storeOptions(index: ArtifactStoreOptions['index'] = async () => [{ id, runId }]) {
  const sleep = async () => {};
  return {
    // The address is only known when the server listens.
    octokit: githubClient({
      token: 'ghs_fake',
      apiUrl: 'http://holdfast.invalid',
      sleep,
      timeoutMs: 40_000,
      fetch: (input, init) => fetch(String(input).replace('http://holdfast.invalid', server.url), init),
    }),
    ...{ owner: 'acme', repo: 'backups', retentionDays: 90, index, sleep, stallMs: 500, env: {} },
  };
}
const storeOf = (index?: ArtifactStoreOptions['index']) => artifactStore('artifact', storeOptions(index));

const answering = (text: string) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(text);
};
const page = (artifacts: unknown[]) => JSON.stringify({ total_count: artifacts.length, artifacts });

/** Either the whole backup was read, or it is refused by an error of ours. */
async function readOrRefused(): Promise<'readable' | HoldfastError> {
  // A store remembers what it was told of a run.
  place.deps.stores = [storeOf()];
  try {
    const { checked } = await within(
      5000,
      verify(place.deps, { database: receipt.database, id: 'latest', all: true, identities: [identity] }),
    );
    expect(checked).toEqual([{ id, store: 'artifact', rung: 'readable', problem: null }]);
    return 'readable';
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    expect(error.message.length).toBeLessThan(600);
    expect(error.message).not.toMatch(/\n|ghs_fake/);
    return error;
  }
}

test('the list as it should be gives the backup', async () => {
  list = answering(JSON.stringify(listing));
  expect(await readOrRefused()).toBe('readable');
});

test('patched anywhere, cut anywhere, or random', async () => {
  const text = JSON.stringify(listing);
  const cut = fc.nat(text.length).map((at) => text.slice(0, at));
  const came = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { weight: 6, arbitrary: patched(listing) },
        cut,
        odd.map((value) => JSON.stringify(value)),
      ),
      async (body) => {
        list = answering(body);
        const outcome = await readOrRefused();
        came.add(outcome === 'readable' ? outcome : outcome.publicReason);
      },
    ),
    { numRuns: 150 },
  );
  expect([...came]).toEqual(
    expect.arrayContaining(['readable', "GitHub's list of artifacts cannot be used"]),
  );
}, 60_000);

test('any names: only keys of the folder, each of which can be found again', async () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.webPath(),
    fc
      .array(fc.constantFrom('crm', '..', '.', '', id, 'receipt.json', 'archive.tar.age', 'a\nb', '%2F'))
      .map((parts) => parts.join('/')),
  );
  const store = storeOf(null);
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 8 }), async (names) => {
      const all = names.flatMap((name) => [name, encodeURIComponent(name)]);
      list = answering(page(all.map((name, index) => ({ ...listing.artifacts[0], name, id: index + 1 }))));
      for (const key of await store.list('crm')) {
        expect(key).toMatch(/^crm\/./);
        expect(key.split('/')).not.toEqual(expect.arrayContaining([expect.stringMatching(/^\.{0,2}$/)]));
        expect(await store.size(key)).toBe(bytes.length);
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

describe('a list that', () => {
  const refused = async (work: Promise<unknown>, why: RegExp) => {
    const error = await within(45_000, failureOf(work));
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toMatch(why);
  };
  const withNext = (text: string, response: ServerResponse, next: string) => {
    response.writeHead(200, { 'content-type': 'application/json', link: `<${next}>; rel="next"` });
    response.end(text);
  };

  test('goes round in circles ends', async () => {
    for (const text of [JSON.stringify(listing), page([])]) {
      list = (response) =>
        withNext(text, response, `${server.url}/repos/acme/backups/actions/artifacts?page=1`);
      await refused(storeOf(null).list('crm'), /round in circles/);
    }
    expect(server.requests.length).toBeLessThan(10);
  });

  test('never ends is given up', async () => {
    list = (response, number) =>
      withNext(page([{ ...listing.artifacts[0], id: number }]), response, server.url);
    const growth = await memoryGrowthDuring(() => refused(storeOf(null).list('crm'), /more than 100000/));
    expect(growth / (1 << 20)).toBeLessThan(150);
    expect(server.requests.length).toBe(1000);
  }, 60_000);

  test('names another host as its next page sends no token there', async () => {
    const asked: string[] = [];
    const thief = await startFaultServer(async (request, response) => {
      asked.push(request.headers.authorization ?? 'without a token');
      response.end('{"artifacts":[]}');
    });
    list = (response, number) =>
      number === 1
        ? withNext(JSON.stringify(listing), response, `${thief.url}/page`)
        : answering(page([]))(response);
    expect(await storeOf(null).list(receipt.database)).toHaveLength(2);
    // Whatever else is listed page by page, such as issues, is left to octokit, which follows the address.
    const { octokit } = storeOptions();
    list = (response) => withNext('[]', response, `${thief.url}/page`);
    const paging = octokit.paginate('GET /repos/acme/backups/artifacts');
    expect((await failureOf(paging)).message).toContain('leads to another host');
    await thief.close();
    expect(asked).toEqual([]);
  });

  test('is deep, has no end, or is no JSON, is refused', async () => {
    const store = storeOf(null);
    for (const text of [`{"artifacts":${deep}}`, deep, '', 'null', '"x"', '<html>', '{"artifacts":{}}']) {
      list = answering(text);
      await refused(store.list('crm'), /cannot be used/);
    }
    list = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(1 << 20)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    const growth = await memoryGrowthDuring(() => refused(store.list('crm'), /without an end/));
    expect(growth / (1 << 20)).toBeLessThan(400);
  }, 60_000);

  test('shows one artifact twice is read; twice with other content, it is nobody’s', async () => {
    const [archive, ofReceipt] = listing.artifacts;
    list = answering(page([archive, archive, ofReceipt, ofReceipt]));
    expect(await readOrRefused()).toBe('readable');
    list = answering(page([archive, ofReceipt, { ...archive, size_in_bytes: 1 }]));
    expect(await readOrRefused()).toBeInstanceOf(IntegrityError);
  });

  test.each([
    ['a larger size', { size_in_bytes: bytes.length + 5 }],
    ['a size of exabytes', { size_in_bytes: Number.MAX_SAFE_INTEGER }],
    ['a smaller size', { size_in_bytes: bytes.length - 5 }],
    ['no size', { size_in_bytes: 0 }],
    ['another digest', { digest: `sha256:${'0'.repeat(64)}` }],
    ['the id of nothing', { id: 4711 }],
  ])('says %s than there is gives no backup', async (_, changes) => {
    list = answering(page([{ ...listing.artifacts[0], ...changes }, listing.artifacts[1]]));
    expect(await readOrRefused()).toBeInstanceOf(HoldfastError);
  });

  test('does not say which repository a run is of is believed for no run that the ledger does not name', async () => {
    const nowhere = listing.artifacts.map((artifact) => ({ ...artifact, workflow_run: null }));
    list = answering(page(nowhere));
    expect(await storeOf().list(receipt.database)).toHaveLength(2);
    expect(await storeOf(null).list(receipt.database)).toEqual([]);
    list = answering(page(nowhere.map((artifact) => ({ ...artifact, workflow_run: { id: runId } }))));
    expect(await storeOf(null).list(receipt.database)).toEqual([]);
  });

  test('holds what other workflows keep, however strange, hides nothing', async () => {
    const strange = { id: 1, name: 'coverage', size_in_bytes: null, expired: 'no', workflow_run: 4 };
    list = answering(page([strange, ...listing.artifacts]));
    expect(await readOrRefused()).toBe('readable');
  });
});

describe('the service that takes uploads', () => {
  let place: ArtifactPlace;
  let between: FaultServer;
  let mangle: (method: string, answer: Record<string, unknown>) => string;
  beforeAll(async () => {
    place = await openArtifactPlace();
    between = await startFaultServer(async (request, response, { path }) => {
      const headers = { authorization: request.headers.authorization!, 'content-type': 'application/json' };
      const body = await textOf(request);
      const answer = await fetch(`${place.service.url}${path}`, { method: 'POST', headers, body });
      const fields = (await answer.json()) as Record<string, unknown>;
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(answer.ok ? mangle(path.split('/').at(-1)!, fields) : JSON.stringify(fields));
    });
  });
  afterAll(() => Promise.all([between.close(), place.close()]));

  const content = Buffer.from(`age-encryption.org/v1\n${'x'.repeat(3000)}`);
  let attempts = 0;
  let store: Store | null = null;
  /** Whether it was taken, and then to the last byte; or the refusal. */
  async function takenOrRefused(): Promise<'taken' | HoldfastError> {
    attempts += 1;
    const seconds = String(attempts % 60).padStart(2, '0');
    const minutes = String(Math.floor(attempts / 60)).padStart(2, '0');
    const name = `crm-20261122T02${minutes}${seconds}Z-k7qa`;
    store ??= place.storeOf(1, { silenceMs: 4000, env: { ACTIONS_RESULTS_URL: `${between.url}/` } });
    try {
      const stored = await within(20_000, store.put(`crm/${name}/archive.tar.age`, streamOf(content)));
      expect(stored).toEqual({ sizeBytes: content.length, digest: digestOf(content) });
      const artifact = place.github.repository.artifacts.find((each) => each.name === name)!;
      expect((await place.service.bytesOf(artifact))!.equals(content)).toBe(true);
      return 'taken';
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      expect(error.message.length).toBeLessThan(700);
      expect(error.message).not.toMatch(/\n|sig=|eyJ/);
      return error;
    }
  }

  /** Exchanges, leaves out or adds one field of the answer, at any depth. */
  const change = fc.record({
    method: fc.constantFrom('CreateArtifact', 'FinalizeArtifact', 'ListArtifacts'),
    field: fc.nat(),
    value: fc.option(odd, { nil: undefined }),
    isWhole: fc.nat(4).map((each) => each === 0),
  });

  test('and answers with anything: what is taken is there to its last byte', async () => {
    const came = new Set<string>();
    await fc.assert(
      fc.asyncProperty(change, async ({ method, field, value, isWhole }) => {
        mangle = (called, answer) => {
          if (called !== method) return JSON.stringify(answer);
          if (isWhole) return JSON.stringify(value) ?? '';
          const inner = (answer['artifacts'] as Record<string, unknown>[] | undefined)?.[0] ?? answer;
          const names = Object.keys(inner);
          inner[names[field % names.length]!] = value;
          return JSON.stringify(answer);
        };
        const outcome = await takenOrRefused();
        came.add(outcome === 'taken' ? outcome : outcome.name);
      }),
      { numRuns: 20 },
    );
    expect([...came]).toEqual(expect.arrayContaining(['taken']));
    expect(came.size).toBeGreaterThan(1);
  }, 120_000);

  test.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['brackets', '['.repeat(3000)],
    ['a list', '[]'],
  ])('and answers each call with %s refuses', async (_, text) => {
    mangle = () => text;
    expect(await takenOrRefused()).toBeInstanceOf(HoldfastError);
  });
});
