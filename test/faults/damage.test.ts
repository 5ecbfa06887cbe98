import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { directoryStore } from '../../src/store/directory.ts';
import { expectRightState, note, stateOf, told } from '../support/faults/scene.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** What happens to stores and ledger: never Good once anybody has looked, and never a good backup less than there is. */

let url: string;
let place: Workplace;
let older: string;
let newest: string;
let kept: string;
beforeAll(async () => {
  url = await newDatabase(18);
  await run(url, 'CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) FROM generate_series(1, 40000) i');
  place = await openWorkplace();
  older = (await place.backup(url)).id;
  await place.restoreTest();
  newest = (await place.backup(url)).id;
  kept = await mkdtemp(join(tmpdir(), 'holdfast-kept-'));
  await cp(place.folder, kept, { recursive: true });
}, 120_000);
beforeEach(async () => {
  // Each begins with the same stores and ledger, and with a page that says Good.
  for (const name of await readdir(place.folder)) await rm(join(place.folder, name), { recursive: true });
  await cp(kept, place.folder, { recursive: true });
  place.deps.stores = [directoryStore('disk', join(place.folder, 'store'))];
  expect(await stateOf(place)).toBe('good');
});
afterAll(async () => {
  await rm(kept, { recursive: true });
  await place[Symbol.asyncDispose]();
  await stopServers();
});

const inStore = (name: string) => join(place.folder, 'store/crm', newest, name);
async function ledgerFile() {
  const [name] = await readdir(join(place.folder, 'ledger'));
  return join(place.folder, 'ledger', name!);
}
/** Changes the text of a file. */
async function edit(file: string, change: (text: string) => string) {
  await writeFile(file, change(await readFile(file, 'utf8')));
}

const archive = 'archive.tar.age';
test.each<[string, () => Promise<unknown>]>([
  ['the receipt is gone', () => rm(inStore('receipt.json'))],
  ['the receipt is cut short', () => truncate(inStore('receipt.json'), 100)],
  [
    'the receipt tells of other rows',
    () => edit(inStore('receipt.json'), (t) => t.replace(/"rows": \d+/, '"rows": 7')),
  ],
  ['the archive is gone', () => rm(inStore(archive))],
  ['the archive is cut short', () => truncate(inStore(archive), 1000)],
  [
    'one bit of the archive is another',
    async () => {
      const bytes = await readFile(inStore(archive));
      const at = Math.floor(Math.random() * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(Math.random() * 8));
      await writeFile(inStore(archive), bytes);
    },
  ],
  ['the backup is gone', () => rm(join(place.folder, 'store/crm', newest), { recursive: true })],
])(
  '%s',
  async (what, damage) => {
    await damage();
    const saw = await told(place.verify(newest));
    const state = await stateOf(place);
    if (what !== 'the receipt tells of other rows') {
      expect(saw).toMatch(/^IntegrityError/);
      // The older backup is good, and not a day old; what is wrong with the newest is said.
      expect(state).not.toBe('good');
    }
    expect((await place.verify(older)).checked).toMatchObject([{ rung: 'readable' }]);
    expect(await told(place.restore(url, { id: newest }))).toMatch(/^(Integrity|Config|Store)Error|^made$/);
    const next = await place.backup(url);
    expect((await place.verify(next.id)).checked).toMatchObject([{ rung: 'readable' }]);
    note(what, 'verify', 1, `${saw}; page ${state}`);
  },
  120_000,
);

test.each<[string, (text: string) => string, string | RegExp]>([
  ['a line of the ledger is cut short', (text) => text.slice(0, -20), 'not published'],
  ['a line of the ledger is no record', (text) => `${text}{"version":1}\n`, 'not published'],
  [
    'a line of the ledger names another archive',
    (text) => text.replaceAll(/"digest":"sha256:[0-9a-f]{8}/g, '"digest":"sha256:00000000'),
    'critical',
  ],
  ['the ledger is empty', () => '', /critical|not published/],
])(
  '%s',
  async (what, change, expected) => {
    const file = await ledgerFile();
    const text = await readFile(file, 'utf8');
    await writeFile(file, change(text));
    await told(place.verify(newest));
    await told(place.verify(older));
    const state = await stateOf(place);
    expect(state).toMatch(expected);
    const restored = await told(place.restore(await newDatabase(18), { id: newest, mode: 'new' }));
    expect(restored).toMatch(/^(Config|Integrity)Error/);
    note(what, 'verify, restore', 1, `page ${state}; restore: ${restored}`);
    await writeFile(file, text);
    await expectRightState(place, url, [older, newest]);
  },
  120_000,
);

test('a store that takes its time', async () => {
  const [store] = place.deps.stores;
  const slow = {
    ...store!,
    put: (key: string, content: NodeJS.ReadableStream) =>
      store!.put(
        key,
        content.pipe(
          new Transform({
            transform: (bytes, _, done) => void delay(20).then(() => done(null, bytes)),
          }),
        ),
      ),
  };
  place.deps.stores = [slow];
  expect(await told(place.backup(url))).toBe('made');
  await expectRightState(place, url, [older, newest]);
  note('slow store', 'backup', 1, 'made');
}, 120_000);

const canMount = process.getuid?.() === 0;
test.skipIf(!canMount).each([
  ['the disk is full', 'rw'],
  ['the store is read-only', 'ro'],
])(
  '%s',
  async (what, access) => {
    const disk = join(place.folder, 'store/crm');
    const aside = join(place.folder, 'aside');
    // A small disk in the place of the store's, with the earlier backups on it: a store without them is another fault.
    await mkdir(aside);
    const mounted: string[] = [];
    const mount = (to: string, ...options: string[]) => {
      execFileSync('mount', [...options, to]);
      mounted.unshift(to);
    };
    let saw: string;
    try {
      mount(aside, '--bind', disk);
      mount(disk, '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');
      for (const id of [older, newest]) {
        await mkdir(join(disk, id));
        mount(join(disk, id), '--bind', join(aside, id));
      }
      execFileSync('mount', ['-o', `remount,size=1m,${access}`, disk]);
      saw = await told(place.backup(url));
      expect((await readdir(disk)).sort()).toEqual([older, newest].sort());
    } finally {
      for (const each of mounted) execFileSync('umount', [each]);
    }
    expect(saw).toMatch(/^StoreError: a store could not be written to/);
    const state = await stateOf(place);
    expect(state).toBe('warning');
    await expectRightState(place, url, [older, newest]);
    note(what, 'backup', 1, `${saw}; page ${state}`);
  },
  120_000,
);
