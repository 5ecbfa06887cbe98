import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keysOf } from '../../../src/archive/backup-id.ts';
import type { Receipt } from '../../../src/archive/receipt.ts';
import { backupsOf } from '../../../src/health/backups.ts';
import { directoryLedger } from '../../../src/ledger/directory.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { ConfigError, IntegrityError, StoreError } from '../../../src/lib/errors.ts';
import { silent } from '../../../src/lib/progress.ts';
import { rebuildLedger } from '../../../src/rebuild-ledger.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import { putReceipt } from '../../../src/store/receipts.ts';
import type { Store } from '../../../src/store/store.ts';
import { failureOf, streamOf } from '../../support/pieces.ts';
import { backup, noon, verify } from '../../support/status-fixture.ts';

const archive = Buffer.from('bytes of an archive');

/** A receipt as the backup of this moment has it. */
function receiptAt(at: number): Receipt {
  const { backupId, database, finishedAt, durationMs, result } = backup(at);
  const { rawBytes, tables, rows, fingerprint, contentRoot } = result!;
  const digest = result!.copies[0]!.digest;
  return {
    ...{ version: 1, formatVersion: 1, id: backupId!, database, snapshotAt: result!.snapshotAt, finishedAt },
    ...{ durationMs, trigger: 'schedule', serverMajor: 17, recipients: ['0123456789abcdef'], notCarried: 0 },
    archive: { name: 'archive.tar.age', sizeBytes: archive.length, digest },
    ...{ rawBytes, tables, rows, fingerprint, contentRoot, manifestDigest: digest },
  };
}

let parent: string;
let stores: Store[];
let ledger: Ledger;
const folder = () => join(parent, 'ledger');
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'holdfast-rebuild-'));
  stores = ['disk', 'bucket'].map((name) => directoryStore(name, join(parent, name)));
  ledger = directoryLedger(folder());
});
afterEach(() => rm(parent, { recursive: true }));

async function store(receipt: Receipt, where = stores) {
  for (const each of where) {
    await each.put(keysOf(receipt).archive, streamOf(archive));
    await putReceipt(each, receipt);
  }
}
const rebuild = (discardDamaged = false) =>
  rebuildLedger({ stores, ledger, progress: silent }, { databases: ['crm'], discardDamaged });

describe('a ledger that was lost', () => {
  test('is made again from receipts, with what they tell and nothing more', async () => {
    await store(receiptAt(noon));
    await store(receiptAt(noon - 1000), [stores[1]!]);
    const result = await rebuild();
    expect(result).toMatchObject({
      added: [receiptAt(noon - 1000).id, receiptAt(noon).id],
      known: 0,
      unfit: [],
    });
    const records = (await ledger.read())!;
    const copy = { kind: 'directory', sizeBytes: archive.length, digest: receiptAt(noon).archive.digest };
    const made = backup(noon);
    expect(records[1]).toEqual({
      ...made,
      ...{ id: records[1]!.id, intendedAt: null, runUrl: null, actor: null },
      result: {
        ...made.result,
        sizeBytes: archive.length,
        copies: [
          { store: 'disk', ...copy },
          { store: 'bucket', ...copy },
        ],
      },
    });
    expect(backupsOf(records).map(({ good, rung }) => [good, rung])).toEqual([
      [true, 'stored'],
      [true, 'stored'],
    ]);
  });

  test('gains nothing by a second time, and two rebuilds make the same records', async () => {
    await store(receiptAt(noon));
    await rebuild();
    const before = await ledger.read();
    expect(await rebuild()).toMatchObject({ added: [], known: 1 });
    expect(await ledger.read()).toEqual(before);
    await rm(folder(), { recursive: true });
    await rebuild();
    expect(await ledger.read()).toEqual(before);
  });

  test('keeps what it knows as it is', async () => {
    const known = backup(noon);
    await ledger.append(known);
    await ledger.append(verify(noon + 1, known));
    await store(receiptAt(noon));
    await store(receiptAt(noon - 1000));
    expect(await rebuild()).toMatchObject({ added: [receiptAt(noon - 1000).id], known: 1 });
    expect((await ledger.read())!.slice(1)).toEqual([known, verify(noon + 1, known)]);
  });
});

describe('what can’t be trusted', () => {
  test('a receipt without its archive, cut short or damaged, is left out and named', async () => {
    const [a, b, c] = [receiptAt(noon), receiptAt(noon + 1000), receiptAt(noon + 2000)];
    const [disk] = stores;
    await putReceipt(disk!, a);
    await disk!.put(keysOf(b).archive, streamOf(archive.subarray(1)));
    await putReceipt(disk!, b);
    await store(c, [disk!]);
    await writeFile(join(parent, 'disk', 'crm', c.id, 'receipt.json'), '{');
    const { added, unfit } = await rebuild();
    expect(added).toEqual([]);
    expect(unfit.map(({ id }) => id).sort()).toEqual([a.id, b.id, c.id].sort());
    expect(await ledger.read()).toBeNull();
  });

  test('a store that can’t be read stops it before anything is written', async () => {
    await store(receiptAt(noon), [stores[0]!]);
    await writeFile(join(parent, 'bucket'), 'a file where the folder should be');
    expect(await failureOf(rebuild())).toBeInstanceOf(StoreError);
    expect(await ledger.read()).toBeNull();
  });

  test('receipts of one backup that differ stop it too', async () => {
    await store(receiptAt(noon), [stores[0]!]);
    await store({ ...receiptAt(noon), rows: 1 }, [stores[1]!]);
    expect(await failureOf(rebuild())).toBeInstanceOf(IntegrityError);
    expect(await ledger.read()).toBeNull();
  });
});

describe('a damaged ledger', () => {
  test('is refused, and kept aside when asked to: sound lines stay', async () => {
    const [sound, lost] = [verify(noon + 5, backup(noon)), backup(noon)];
    await ledger.append(sound);
    await ledger.append(lost);
    const file = join(folder(), '2026-11.ndjson');
    const [first, second] = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, `${first}\n`);
    await appendFile(file, second!.slice(0, 100));
    await store(receiptAt(noon));
    const damaged = await readFile(file, 'utf8');
    expect(await failureOf(rebuild())).toBeInstanceOf(IntegrityError);
    expect(await readFile(file, 'utf8')).toBe(damaged);

    const result = await rebuild(true);
    expect(result.setAside).toEqual([
      { month: '2026-11.ndjson', keptAs: '2026-11.ndjson.damaged-1', droppedLines: 1 },
    ]);
    expect(result.added).toEqual([lost.backupId]);
    expect(await readFile(join(folder(), '2026-11.ndjson.damaged-1'), 'utf8')).toBe(damaged);
    expect((await ledger.read())!.map(({ verb }) => verb)).toEqual(['backup', 'verify']);
    expect(await readdir(folder())).toHaveLength(2);
  });

  test('of a kind that can’t set files aside says so', async () => {
    const plain: Ledger = { append: ledger.append, read: ledger.read };
    const work = rebuildLedger(
      { stores, ledger: plain, progress: silent },
      { databases: ['crm'], discardDamaged: true },
    );
    expect(await failureOf(work)).toBeInstanceOf(ConfigError);
  });
});
