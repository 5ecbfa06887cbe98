import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/lib/digest.ts';
import { ConfigError, type HoldfastError, IntegrityError, StoreError } from '../../src/lib/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { type ArtifactPlace, openArtifactPlace } from '../support/artifact-store.ts';
import { type Fault, failing } from '../support/fault-server.ts';
import { failureOf, streamOf, within } from '../support/pieces.ts';

const id = 'crm-20261122T020000Z-k7qa';
const key = `crm/${id}/archive.tar.age`;
const text = Buffer.from(`age-encryption.org/v1\n${'x'.repeat(100_000)}`);
const dayMs = 24 * 3_600_000;
const put = (store: Store, bytes = text, at = key) => store.put(at, streamOf(bytes));
const read = async (store: Store, at = key) => buffer(await store.get(at));

let place: ArtifactPlace;
const begin = async (options?: Parameters<typeof openArtifactPlace>[0]) => {
  place = await openArtifactPlace(options);
};
afterEach(() => place.close());

/** A refusal that names no address and no token. */
async function refusal<T extends HoldfastError>(work: Promise<unknown>, kind: new (...args: never[]) => T) {
  const error = (await failureOf(work)) as HoldfastError;
  expect(error).toBeInstanceOf(kind);
  const words = `${error.message} ${error.hint} ${error.publicReason}`;
  expect(words).not.toMatch(/sig=|ghs_|127\.0\.0\.1|eyJ/);
  expect(error.hint).toBeTruthy();
  return error;
}

describe('an upload', () => {
  beforeEach(() => begin());
  const nothingLeft = async () => expect(await readdir(place.tempFolder)).toEqual([]);
  const artifacts = () => place.github.repository.artifacts;

  test('is raw, has the id as its name, the asked time to live, and the blocks in their order', async () => {
    const bytes = Buffer.concat([text, randomBytes(20_000_000)]);
    expect(await put(place.storeOf(1), bytes)).toEqual({ sizeBytes: bytes.length, digest: digestOf(bytes) });
    const [artifact] = artifacts();
    expect(artifact).toMatchObject({ name: id, runId: 1, sizeBytes: bytes.length, digest: digestOf(bytes) });
    expect(Math.round((artifact!.expiresAt - artifact!.createdAt) / dayMs)).toBe(90);
    expect((await place.service.bytesOf(artifact!))!.equals(bytes)).toBe(true);
    await nothingLeft();
  });

  test('says nothing on stdout, where it would be an annotation or spoil --json', async () => {
    const written: string[] = [];
    const { write } = process.stdout;
    process.stdout.write = ((part: string) => written.push(String(part)) > 0) as typeof write;
    try {
      const store = place.storeOf(1);
      await put(store);
      place.service.fault = () => ({ kind: 'status', status: 400 });
      await failureOf(put(store, text, `crm/${id}/receipt.json`));
    } finally {
      process.stdout.write = write;
    }
    expect(written.filter((line) => /artifact|::|Upload/i.test(line))).toEqual([]);
  });

  test('of which the storage keeps nothing is an error, and no copy', async () => {
    place.service.behaviour.keepsNothing = true;
    const error = await refusal(put(place.storeOf(1)), IntegrityError);
    expect(error.message).toContain('holds other bytes than were sent');
    expect(artifacts()).toEqual([]);
    await nothingLeft();
  });

  test('that the service shows with another digest is an error, and no copy', async () => {
    place.service.behaviour.listsDigest = digestOf(Buffer.from('other'));
    await refusal(put(place.storeOf(1)), IntegrityError);
    expect(artifacts()).toEqual([]);
  });

  test('of nothing is an error', async () => {
    const error = await refusal(put(place.storeOf(1), Buffer.alloc(0)), ConfigError);
    expect(error.publicReason).toBe('the archive was empty');
  });

  test('whose time to live the repository forbids is refused before anything is read', async () => {
    place.github.repository.artifactRetention.days = 30;
    const content = streamOf(text);
    const error = await refusal(place.storeOf(1).put(key, content), ConfigError);
    expect(error.hint).toContain('retention-days: 30');
    expect([content.destroyed, content.readableDidRead]).toEqual([true, false]);
    expect(place.service.requests).toEqual([]);
  });

  test('whose time to live the service shortens without a word is an error, and no copy', async () => {
    place.service.behaviour.clampsToDays = 5;
    const error = await refusal(put(place.storeOf(1)), ConfigError);
    expect(error.message).toContain('keeps them for 5');
    expect(artifacts()).toEqual([]);
  });

  const passing: [string, string, Fault][] = [
    ['429', 'POST CreateArtifact', { kind: 'status', status: 429 }],
    ['500', 'POST FinalizeArtifact', { kind: 'status', status: 500 }],
    ['503 of the storage', 'PUT /blob/', { kind: 'status', status: 503 }],
    ['a broken connection', 'POST CreateArtifact', { kind: 'reset' }],
    ['a lost answer to the last step', 'POST FinalizeArtifact', { kind: 'drop-after' }],
    ['a cut answer to the last step', 'POST FinalizeArtifact', { kind: 'cut' }],
  ];
  test('outlives what passes, and is there once', async () => {
    const store = place.storeOf(1, { silenceMs: 2500 });
    for (const [index, [what, where, fault]] of passing.entries()) {
      const at = `crm/crm-20261122T02000${index}Z-k7qa/archive.tar.age`;
      place.service.fault = failing(1, where, fault);
      await put(store, text, at).catch((error) => {
        throw new Error(`${what}: ${error.message}`);
      });
      expect(artifacts().length, what).toBe(index + 1);
      expect((await read(store, at)).equals(text), what).toBe(true);
    }
    await nothingLeft();
  }, 60_000);

  test('ends when the service falls silent', async () => {
    place.service.fault = failing(100, 'POST CreateArtifact', { kind: 'hang' });
    const error = await refusal(put(place.storeOf(1, { silenceMs: 300 })), StoreError);
    expect(error.message).toContain('the service fell silent');
    await nothingLeft();
  });

  test('fails in plain words when the service does, and leaves nothing', async () => {
    const store = place.storeOf(1);
    place.service.fault = failing(100, 'POST CreateArtifact', { kind: 'status', status: 500 });
    expect((await refusal(put(store), StoreError)).message).toContain('could not be written to');
    place.service.fault = failing(100, 'PUT /blob/', { kind: 'status', status: 403 });
    await refusal(put(store, text, `crm/${id.replace('22T', '23T')}/archive.tar.age`), StoreError);
    place.service.fault = failing(1, 'POST CreateArtifact', {
      kind: 'status',
      status: 403,
      message: 'Artifact storage quota has been hit: insufficient usage',
    });
    const quota = await refusal(
      put(store, text, `crm/${id.replace('22T', '24T')}/archive.tar.age`),
      StoreError,
    );
    expect(quota.message).toContain("account's storage for artifacts is used up");
    expect(await store.list('crm')).toEqual([]);
    await nothingLeft();
  });

  test('needs space on the runner, and says so', async () => {
    const store = place.storeOf(1, { freeBytes: async () => 200e6 });
    const error = await refusal(put(store), StoreError);
    expect(error.message).toContain('200 MB left');
    await nothingLeft();
  });

  test('is for a run of GitHub Actions only', async () => {
    const error = await refusal(put(place.storeOf(null)), ConfigError);
    expect(error.hint).toContain('reading works anywhere with GH_TOKEN');
  });

  test('of a token that the service does not know is refused', async () => {
    const store = place.storeOf(1, { env: { ACTIONS_RUNTIME_TOKEN: 'not-a-token' } });
    await refusal(put(store), StoreError);
  });
});

describe('what must not be public', () => {
  const identity = Buffer.from('# created\nAGE-SECRET-KEY-1QQQQQQQQ\n');
  const archive = `crm/${id}/archive.tar`;

  test('a backup in clear is refused in a public repository, before and after it is read', async () => {
    await begin({ visibility: 'public' });
    const store = place.storeOf(1);
    const content = streamOf(Buffer.from('rows in clear'));
    expect((await refusal(store.put(archive, content), ConfigError)).publicReason).toContain('unencrypted');
    expect([content.destroyed, content.readableDidRead]).toEqual([true, false]);
    // A name proves nothing.
    await refusal(put(store, Buffer.from('rows in clear'), key), ConfigError);
    await refusal(put(store, Buffer.from('{"rows": []}'), `crm/${id}/receipt.json`), ConfigError);
    expect(place.github.requests.filter((line) => line === 'GET /repos/acme/backups')).toHaveLength(1);
    expect(place.service.requests).toEqual([]);
    await put(store);
  });

  test('one in a private repository is its owner’s business', async () => {
    await begin();
    await put(place.storeOf(1), Buffer.from('rows in clear'), archive);
    expect(place.github.repository.artifacts[0]!.name).toBe(`${id}.tar`);
    expect(await place.storeOf(null, { index: null }).list('crm')).toEqual([archive]);
  });

  test('a repository that can’t be seen is taken for public', async () => {
    await begin();
    place.github.fault = failing(100, /^GET \/repos\/acme\/backups$/, { kind: 'status', status: 404 });
    await refusal(put(place.storeOf(1), Buffer.from('rows in clear'), archive), ConfigError);
  });

  test('an identity is never uploaded', async () => {
    await begin();
    const error = await refusal(put(place.storeOf(1), identity), ConfigError);
    expect(error.message).toContain('private key');
    expect(place.service.requests).toEqual([]);
  });
});

describe('reading', () => {
  beforeEach(() => begin());
  const plant = (options: Partial<Parameters<ArtifactPlace['service']['plant']>[1]> = {}, bytes = text) =>
    place.service.plant(bytes, { name: id, runId: 7, ...options });
  const fromLedger = (runId: number | null = 7) =>
    place.storeOf(null, { index: async () => [{ id, runId }] });

  test('finds backups of earlier runs through the ledger, without a job', async () => {
    await plant();
    await plant({ name: `${id}.receipt.json` });
    await plant({ name: 'coverage' });
    const store = fromLedger();
    expect(await store.list('crm')).toEqual([key, `crm/${id}/receipt.json`]);
    expect(await store.list('cr')).toEqual([]);
    expect(await store.size(key)).toBe(text.length);
    expect((await read(store)).equals(text)).toBe(true);
  });

  test.each([
    ['knows no run', () => fromLedger(null)],
    ['knows another run', () => fromLedger(8)],
    ['is lost', () => place.storeOf(null, { index: null })],
  ])('finds them by name when the ledger %s', async (_, storeOf) => {
    await plant();
    for (let count = 0; count < 105; count += 1) await plant({ name: `other-${count}` });
    expect(await storeOf().list('crm')).toEqual([key]);
    expect((await read(storeOf())).equals(text)).toBe(true);
  });

  test('believes the ledger, and no artifact of the same name from elsewhere', async () => {
    await plant();
    await plant({ runId: 9 }, Buffer.from('forged'));
    await plant({ runId: 10, isFromFork: true }, Buffer.from('forged by a fork'));
    expect((await read(fromLedger())).equals(text)).toBe(true);
    await refusal(read(place.storeOf(null, { index: null })), IntegrityError);
    place.github.repository.artifacts.splice(1, 1);
    expect((await read(place.storeOf(null, { index: null }))).equals(text)).toBe(true);
  });

  test('what has expired is not there, and it says why', async () => {
    await plant({ expiresAt: Date.parse('2026-11-01T00:00:00Z') });
    const store = fromLedger();
    expect([await store.size(key), await store.list('crm')]).toEqual([null, []]);
    expect((await refusal(read(store), StoreError)).message).toContain(
      'has expired: GitHub deleted it on 2026-11-01',
    );
  });

  test('other bytes than were uploaded are an integrity error at their end', async () => {
    const artifact = await plant();
    await place.service.spoil(artifact, Buffer.from(text).fill('y', 50_000, 50_001));
    await refusal(read(fromLedger()), IntegrityError);
    await place.service.spoil(artifact, Buffer.concat([text, text]));
    await refusal(read(fromLedger()), IntegrityError);
    await place.service.spoil(artifact, text.subarray(0, 50));
    await refusal(read(fromLedger()), StoreError);
  });

  test('a download that breaks off goes on where it broke', async () => {
    const bytes = randomBytes(3_000_000);
    await plant({}, bytes);
    for (const kind of ['cut', 'reset', 'drop-after'] as const) {
      place.service.fault = failing(3, 'GET /blob/', { kind });
      expect((await read(fromLedger())).equals(bytes)).toBe(true);
    }
  });

  test('an address that has expired is asked for again; one that always has is an error', async () => {
    await plant();
    place.service.behaviour.givesExpiredUrls = true;
    await refusal(read(fromLedger()), StoreError);
    place.service.fault = ({ path }) => {
      // The first try meets the old address, the next asks for a new one.
      if (path.startsWith('/blob/')) place.service.behaviour.givesExpiredUrls = false;
      return null;
    };
    expect((await read(fromLedger())).equals(text)).toBe(true);
  });

  test('a storage that says nothing ends the download', async () => {
    await plant();
    place.service.fault = () => ({ kind: 'hang' });
    const store = place.storeOf(null, { index: async () => [{ id, runId: 7 }], stallMs: 40 });
    await refusal(within(5000, read(store)), StoreError);
  });

  test('a repository or a permission that is missing is no empty store', async () => {
    await plant();
    const blind = place.storeOf(null, { permissions: {}, index: async () => [{ id, runId: 7 }] });
    expect((await refusal(blind.list('crm'), ConfigError)).message).toContain('"actions: read"');
    await refusal(blind.size(key), ConfigError);
    const elsewhere = place.storeOf(null, { repo: 'other', index: async () => [{ id, runId: 7 }] });
    await refusal(elsewhere.list('crm'), ConfigError);
    await refusal(elsewhere.size(key), ConfigError);
    await refusal(place.storeOf(null, { repo: 'other' }).list('crm'), ConfigError);
  });

  test('a run that was deleted has nothing any more', async () => {
    place.github.fault = failing(100, 'GET /runs/7/', { kind: 'status', status: 404 });
    expect([await fromLedger().list('crm'), await fromLedger().size(key)]).toEqual([[], null]);
  });

  test('removing what an earlier run made takes a permission', async () => {
    await plant();
    const reader = place.storeOf(null, { permissions: { actions: 'read' }, index: null });
    expect((await refusal(reader.remove(key), ConfigError)).message).toContain('"actions: write"');
    await fromLedger().remove(key);
    expect(place.github.repository.artifacts).toEqual([]);
  });
});
