import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkStore } from '../../../src/doctor/store.ts';
import { checkStoreRetention, checkUnfinished } from '../../../src/doctor/store-limits.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { retentionPolicySchema } from '../../../src/retention/policy.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import type { Store } from '../../../src/store/store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-doctor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const check = (changes: Partial<Store> = {}, env: NodeJS.ProcessEnv = {}) => {
  const store = { ...directoryStore('disk', folder), ...changes };
  const randomBytes = (size: number) => new Uint8Array(size).fill(7);
  return checkStore({ about: 'store disk', store, recipients: null, randomBytes, env });
};
const denied = () => Promise.reject(new StoreError('Permission denied.'));

describe('a store', () => {
  test('that takes, gives back and deletes is well, and nothing is left in it', async () => {
    expect(await check()).toMatchObject([{ level: 'ok' }]);
    expect(await readdir(folder, { recursive: true })).toEqual([]);
  });

  test('that cannot be written is a problem', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const broken = directoryStore('disk', file);
    expect((await check({ put: broken.put }))[0]).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('a file stands where a folder belongs'),
    });
  });

  test('that gives other bytes back is a problem', async () => {
    const get = async () => Readable.from([Buffer.from('something else')]);
    expect(await check({ get })).toMatchObject([
      { level: 'problem', text: expect.stringContaining('other bytes') },
    ]);
  });

  test('that lists nothing is a problem', async () => {
    expect(await check({ list: async () => [] })).toMatchObject([
      { level: 'problem', text: 'It does not list what it holds.' },
    ]);
  });

  test.each([
    ['refuses', denied],
    ['forgets', async () => {}],
  ])('that %s to delete is a warning: backups can be made', async (_, remove) => {
    const found = await check({ remove });
    expect(found.map(({ level }) => level)).toEqual(['ok', 'warning']);
    expect(found[1]!.text).toContain('doctor/0707070707070707/probe');
  });

  test('with object lock is only read', async () => {
    const capabilities = { maxRetentionDays: null, isImmutable: true, maxSizeBytes: null };
    expect(await check({ capabilities, put: denied })).toMatchObject([
      { level: 'ok', text: expect.stringContaining('object lock') },
    ]);
    await expect(check({ capabilities, list: denied })).rejects.toThrow('Permission denied.');
  });

  test('of artifacts is only read outside of a job', async () => {
    const found = await check({ kind: 'artifact', put: denied });
    expect(found).toMatchObject([{ level: 'ok', text: expect.stringContaining('Writing was not tried') }]);
    const inJob = await check({ kind: 'artifact', put: denied }, { ACTIONS_RUNTIME_TOKEN: 'x' });
    expect(inJob[0]).toMatchObject({ level: 'problem' });
  });

  test('on the disk of a runner of GitHub is a problem, and not written', async () => {
    const found = await check({ put: denied }, { RUNNER_ENVIRONMENT: 'github-hosted' });
    expect(found).toMatchObject([{ level: 'problem', text: expect.stringContaining('thrown away') }]);
  });
});

describe('what a store keeps', () => {
  const policy = retentionPolicySchema.parse({ keepMonthly: 12 });
  const store = (maxRetentionDays: number | null, kind: Store['kind'] = 'directory') =>
    ({
      ...directoryStore('disk', folder),
      kind,
      capabilities: { maxRetentionDays, isImmutable: false, maxSizeBytes: null },
    }) satisfies Store;

  test('has to be as long as the rules ask for', () => {
    expect(checkStoreRetention('s', store(null), policy, {})).toMatchObject([{ level: 'ok' }]);
    expect(checkStoreRetention('s', store(90), policy, {})).toMatchObject([
      { level: 'problem', text: expect.stringContaining('keep-monthly: 12') },
    ]);
  });

  test('of artifacts has to be as long as the repository allows', () => {
    const env = { GITHUB_RETENTION_DAYS: '30' };
    expect(() => checkStoreRetention('s', store(90, 'artifact'), policy, env)).toThrow(/for 30/);
    expect(checkStoreRetention('s', store(400, 'artifact'), policy, {})).toMatchObject([{ level: 'ok' }]);
  });

  test('includes uploads that nobody will end', async () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    const upload = (startedAt: string) => ({ key: 'k', uploadId: 'u', startedAt, sizeBytes: 5_000_000 });
    const withUploads = (...started: string[]) =>
      Object.assign(store(null), { unfinishedUploads: async () => started.map(upload) });
    expect(await checkUnfinished('s', store(null), now)).toEqual([]);
    expect(await checkUnfinished('s', withUploads('2026-11-22T09:00:00Z'), now)).toMatchObject([
      { level: 'ok' },
    ]);
    const left = await checkUnfinished('s', withUploads('2026-11-20T02:00:00Z', '2026-11-22T09:00:00Z'), now);
    expect(left).toMatchObject([{ level: 'warning', text: expect.stringContaining('1 uploads') }]);
    expect(left[0]!.text).toContain('5.0 MB');
  });
});
