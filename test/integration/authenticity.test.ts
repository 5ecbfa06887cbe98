import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { exportBackup } from '../../src/export.ts';
import { policySchema } from '../../src/health/policy.ts';
import { ConfigError, IntegrityError } from '../../src/lib/errors.ts';
import { silent } from '../../src/lib/progress.ts';
import { rebuildLedger } from '../../src/rebuild-ledger.ts';
import { restoreTest } from '../../src/restore-test.ts';
import { status } from '../../src/status.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { type Forgery, forge, plant } from '../support/forge.ts';
import { streamOf } from '../support/pieces.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/**
 * Somebody who can write to the store puts an archive of their own in the place of ours, encrypted to the public recipient
 * and sound in itself. Its SQL must not run anywhere, not even in scratch.
 */

let url: string;
let empty: string;
let place: Workplace;
let id: string;
let forgery: Forgery;
let warnings: string[];

beforeAll(async () => {
  url = await newDatabase(18);
  await run(url, 'CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
  empty = await newDatabase(18);
});
afterAll(stopServers);

beforeEach(async () => {
  place = await openWorkplace();
  warnings = [];
  Object.assign(place.deps, { progress: { ...silent, warn: (text: string) => void warnings.push(text) } });
  id = (await place.backup(url)).id;
  // The role outlives a scratch database on this server, so it shows whether the SQL ran.
  forgery = await forge(place, id, 'CREATE ROLE intruder SUPERUSER');
});
afterEach(() => place[Symbol.asyncDispose]());

/** A restore test in a scratch database on the server that we can look at. */
const drill = (trustArchive = false) =>
  restoreTest(place.deps, {
    database: 'crm',
    id,
    scratch: { kind: 'url', url: empty },
    identities: [place.identity],
    trustArchive,
  });
const restoreNew = (trustArchive = false) => place.restore(empty, { id, mode: 'new', trustArchive });
const exportTo = (out: string, trustArchive = false) =>
  exportBackup(place.deps, {
    database: 'crm',
    id,
    identities: [place.identity],
    out: join(place.folder, out),
    all: true,
    format: null,
    force: false,
    trustArchive,
  });
async function expectNothingRan() {
  const host = await server(18);
  expect(await run(host.url, `SELECT FROM pg_roles WHERE rolname = 'intruder'`)).toEqual([]);
  expect(await run(empty, `SELECT FROM pg_class WHERE relname = 't'`)).toEqual([]);
}

test('archive and receipt exchanged: every verb refuses, and the page says Critical', async () => {
  await place.restoreTest();
  await plant(place, id, forgery);
  const another = /another archive than the one that was made/;
  await expect(restoreNew()).rejects.toThrow(another);
  await expect(drill()).rejects.toThrow(another);
  await expect(exportTo('out.json')).rejects.toThrow(another);
  await expect(place.verify(id)).rejects.toThrow(another);
  await expectNothingRan();
  const policy = policySchema.parse({});
  const { health } = await status(place.deps, { databases: ['crm'], policy, outDir: null, site: false });
  expect(health.state).toBe('critical');
  // Not even a person's word makes it prove the backup that it is not.
  await expect(drill(true)).rejects.toThrow(IntegrityError);
});

test('only the archive exchanged: found out before any of its scripts runs', async () => {
  await plant(place, id, { archive: forgery.archive });
  await expect(drill()).rejects.toThrow(/digest|bytes/);
  await expect(restoreNew()).rejects.toThrow(/digest|bytes/);
  await expect(restoreNew(true)).rejects.toThrow(/digest|bytes/);
  await expectNothingRan();
});

test('only the receipt exchanged', async () => {
  await plant(place, id, { receipt: forgery.receipt });
  await expect(drill()).rejects.toThrow(IntegrityError);
  await expect(place.verify(id)).rejects.toThrow(IntegrityError);
  await expectNothingRan();
});

test('exchanged between the check and the restore', async () => {
  const [store] = place.deps.stores;
  let reads = 0;
  const fickle = {
    ...store!,
    get: async (key: string) =>
      key.includes('archive') && ++reads % 2 === 0 ? streamOf(forgery.archive) : store!.get(key),
  };
  Object.assign(place.deps, { stores: [fickle] });
  await expect(drill()).rejects.toThrow(/not the one that was read a moment ago/);
  await expect(restoreNew()).rejects.toThrow(/not the one that was read a moment ago/);
  await expectNothingRan();
});

test('a second store that still has the archive that was made is read instead', async () => {
  const second = directoryStore('second', join(place.folder, 'second'));
  Object.assign(place.deps, { stores: [...place.deps.stores, second] });
  id = (await place.backup(url)).id;
  await plant(place, id, await forge(place, id, 'CREATE ROLE intruder SUPERUSER'));
  expect((await drill()).store).toBe('second');
  expect(warnings).toContainEqual(expect.stringContaining('passed over'));
  await expectNothingRan();
});

test.each(['lost', 'rebuilt'])('a ledger that was %s vouches for nothing', async (what) => {
  await rm(join(place.folder, 'ledger'), { recursive: true });
  if (what === 'rebuilt') await rebuildLedger(place.deps, { databases: ['crm'], discardDamaged: false });
  const reason = what === 'lost' ? /the ledger does not know it/ : /the ledger was rebuilt/;
  // An export runs nothing; there it is the rows that may not be what they should be.
  for (const [verb, danger] of [
    [restoreNew, 'Its SQL would be run'],
    [drill, 'Its SQL would be run'],
    [() => exportTo('refused.json'), 'Its rows may be made up'],
  ] as const) {
    const error = (await verb().catch((thrown) => thrown)) as ConfigError;
    expect(error.hint).toContain(danger);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(reason);
    expect(error.hint).toContain('--trust-archive');
  }
  await expectNothingRan();

  expect((await drill(true)).comparison.rows).toBe(1);
  expect((await exportTo('out.json', true)).rows).toBe(1);
  const target = await newDatabase(18);
  expect((await place.restore(target, { id, mode: 'new', trustArchive: true })).done).toMatchObject({
    rows: 1,
  });
  expect(warnings).toContainEqual(expect.stringContaining('Nothing but your word'));
  expect(await place.deps.ledger.read()).toContainEqual(
    expect.objectContaining({
      verb: 'restore',
      outcome: 'succeeded',
      result: expect.objectContaining({ trustedArchive: true }),
    }),
  );
});
