import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseReceipt } from '../../src/archive/receipt.ts';
import { directoryLedger } from '../../src/ledger/directory.ts';
import { parseMonth, soundLines } from '../../src/ledger/parse-month.ts';
import { missingRecords } from '../../src/ledger/rebuild.ts';
import { HoldfastError, IntegrityError } from '../../src/lib/errors.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { listBackups, putReceipt } from '../../src/store/receipts.ts';
import { deep, patched } from '../support/hostile-json.ts';
import { failureOf, memoryGrowthDuring, within } from '../support/pieces.ts';
import { makeSmallArchive, readParts } from '../support/small-archive.ts';

/**
 * Bytes from outside that nobody of ours wrote: random, cut, patched, deep, huge. Each is refused with an error of ours, in
 * little time and memory, or read as what it says.
 */

const archive = await makeSmallArchive();
const plain = await makeSmallArchive(false);
const { receipt } = archive;
const [record] = missingRecords([{ receipt, store: { name: 'disk', kind: 'directory' } }], []);
const runs = { numRuns: 150 };

/** Either it is read, or it is refused by an error of ours; anything else is thrown on. */
function readOrRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof HoldfastError && error.message.length < 500) return null;
    throw error;
  }
}

describe('receipts', () => {
  test('patched anywhere, cut anywhere, or random', () => {
    const text = JSON.stringify(receipt);
    const cut = fc.nat(text.length).map((at) => text.slice(0, at));
    fc.assert(
      fc.property(fc.oneof(patched(receipt), cut, fc.string(), fc.constant(deep)), (bytes) => {
        const read = readOrRefused(() => parseReceipt(Buffer.from(bytes), 'of a test'));
        if (read) expect(Object.keys(read).every((key) => key in receipt || key === 'source')).toBe(true);
        expect(({} as Record<string, unknown>)['extra']).toBeUndefined();
      }),
      runs,
    );
  });

  describe('in a store', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-hostile-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test('one of two gigabytes is damaged, and not read to its end', async () => {
      const store = directoryStore('disk', folder);
      await putReceipt(store, receipt);
      await truncate(join(folder, 'crm', receipt.id, 'receipt.json'), 2 ** 31);
      const growth = await memoryGrowthDuring(async () => {
        expect(await within(5000, listBackups(store, 'crm'))).toMatchObject([{ receipt: null }]);
      });
      expect(growth / (1 << 20)).toBeLessThan(60);
    });

    test('the ledger with a line of 20 MB, or a very deep one, is damaged and said to be', async () => {
      const ledger = directoryLedger(folder);
      for (const line of [`{"version":1,"id":"${'x'.repeat(20 << 20)}"}`, deep]) {
        await writeFile(join(folder, '2026-11.ndjson'), `${line}\n`);
        const error = await within(5000, failureOf(ledger.read()));
        expect(error).toBeInstanceOf(IntegrityError);
        expect(error.message.length).toBeLessThan(300);
      }
    });
  });
});

test('ledger lines patched anywhere, cut or random', () => {
  const sound = JSON.stringify(record);
  const line = fc.oneof(
    patched(record),
    fc.string(),
    fc.nat(sound.length).map((at) => sound.slice(0, at)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 3 }), (lines) => {
      const text = [sound, ...lines].map((each) => `${each}\n`).join('');
      const read = readOrRefused(() => parseMonth('2026-11.ndjson', text));
      // What was sound is never lost by what stands beside it.
      expect(soundLines(text).text.startsWith(sound)).toBe(true);
      if (read) expect(read[0]).toEqual(record);
      expect(Object.prototype).not.toHaveProperty('extra');
    }),
    runs,
  );
});

describe('archives', () => {
  const change = fc.record({
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }),
    kind: fc.constantFrom<'overwrite' | 'insert' | 'remove' | 'repeat'>(
      'overwrite',
      'insert',
      'remove',
      'repeat',
    ),
  });
  test.each([
    ['encrypted', archive],
    ['in clear', plain],
  ])(
    '%s, with any bytes exchanged, put in, taken out or repeated',
    async (_, whole) => {
      await fc.assert(
        fc.asyncProperty(change, async ({ at, bytes, kind }) => {
          const start = at % whole.bytes.length;
          const end = Math.min(whole.bytes.length, start + bytes.length);
          const between = {
            overwrite: Buffer.from(bytes.subarray(0, end - start)),
            insert: Buffer.concat([bytes, whole.bytes.subarray(start, end)]),
            remove: Buffer.alloc(0),
            repeat: Buffer.concat([whole.bytes.subarray(0, end), whole.bytes.subarray(start, end)]),
          }[kind];
          const changed = Buffer.concat([whole.bytes.subarray(0, start), between, whole.bytes.subarray(end)]);
          if (changed.equals(whole.bytes)) return;
          const work = readParts({ bytes: changed, receipt: whole.receipt });
          expect(await within(5000, failureOf(work))).toBeInstanceOf(HoldfastError);
        }),
        { numRuns: 60 },
      );
    },
    60_000,
  );
});
