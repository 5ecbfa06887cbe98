import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { IntegrityError, StoreError } from '../../src/lib/errors.ts';
import { failureOf } from '../support/pieces.ts';
import { backup, noon, restoreTest, verify } from '../support/status-fixture.ts';

/** What a kind of ledger supplies to be tested. */
export interface LedgerUnderTest {
  /** A writer of its own, as another process would be. */
  another(): Ledger;
  /** Every file that is there, by name. */
  files(): Promise<Record<string, string>>;
  /** Puts a text in the place of a file. */
  write(name: string, text: string): Promise<void>;
  /** From now on the outside world refuses everything. */
  refuse(): Promise<void>;
  close(): Promise<void>;
}

const november = '2026-11.ndjson';
const lineOf = (record: LedgerRecord) => `${JSON.stringify(record)}\n`;

/** What every ledger must do. */
export function ledgerContract(kind: string, open: () => Promise<LedgerUnderTest>) {
  describe(`a ${kind} ledger`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;
    beforeEach(async () => {
      under = await open();
      ledger = under.another();
    });
    afterEach(() => under.close());
    const linesOf = async (name: string) => (await under.files())[name];

    test('gives back every kind of record, good and bad, oldest first', async () => {
      const made = backup(noon);
      const failed = { reason: 'the store is down', errorKind: 'StoreError' as const };
      const records = [
        backup(noon - 5, { failed }),
        made,
        verify(noon + 5, made),
        restoreTest(noon + 9, made),
      ];
      for (const record of records.toReversed()) await ledger.append(record);
      expect(await ledger.read()).toEqual(records);
      expect(await under.another().read()).toEqual(records);
    });

    test('tells a ledger that is missing from one that is empty', async () => {
      expect(await ledger.read()).toBeNull();
      await under.write('README.md', 'What this is.');
      expect(await ledger.read()).toBeNull();
      await under.write(november, '');
      expect(await ledger.read()).toEqual([]);
    });

    test('keeps a file for each month of the start, by UTC', async () => {
      const at = (text: string) => backup(Date.parse(text));
      const records = [
        at('2026-10-31T23:59:59.999Z'),
        at('2026-11-01T00:00:00.000Z'),
        at('2027-01-01T00:00:00.000Z'),
      ];
      for (const record of records) await ledger.append(record);
      expect(
        Object.keys(await under.files())
          .filter((name) => name.endsWith('.ndjson'))
          .sort(),
      ).toEqual(['2026-10.ndjson', november, '2027-01.ndjson']);
      expect(await ledger.read()).toEqual(records);
    });

    test('refuses a record that it could not read again, and writes nothing', async () => {
      const wrong = { ...backup(noon), reason: 7 } as unknown as LedgerRecord;
      await failureOf(Promise.resolve().then(() => ledger.append(wrong)));
      expect(await ledger.read()).toBeNull();
    });

    test('twenty writers at once lose nothing', async () => {
      const records = Array.from({ length: 20 }, (_, index) =>
        backup(noon + index, { stores: [`s${index}`] }),
      );
      await Promise.all(records.map((record) => under.another().append(record)));
      expect(await ledger.read()).toEqual(records);
    });

    test.each([
      ['is not JSON', 'not JSON\n'],
      ['is not a record of a known version (version)', lineOf({ ...backup(noon), version: 2 as 1 })],
      ['is cut short', lineOf(backup(noon)).slice(0, 50)],
    ])('a line that %s is named with its file, and hides nothing by being skipped', async (what, line) => {
      await under.write(november, lineOf(backup(noon)) + line);
      const error = await failureOf(ledger.read());
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error.message).toContain(`line 2 of ${november} ${what}`);
      expect((error as IntegrityError).publicReason).toBe('the ledger is damaged');
    });

    test('a record after a torn line is a line of its own, and is not lost with it', async () => {
      await under.write(november, lineOf(backup(noon)) + lineOf(backup(noon)).slice(0, 40));
      const next = backup(noon + 1000);
      await ledger.append(next);
      expect(await linesOf(november)).toBe(
        `${lineOf(backup(noon))}${lineOf(backup(noon)).slice(0, 40)}\n${lineOf(next)}`,
      );
      expect((await failureOf(ledger.read())).message).toContain(`line 2 of ${november}`);
    });

    test('damaged months are kept aside, and their sound lines stay; sound months are left alone', async () => {
      const sound = backup(noon - 40 * 24 * 3_600_000);
      const damaged = `${lineOf(backup(noon))}not JSON\n${lineOf(backup(noon + 1))}{"ver`;
      await ledger.append(sound);
      await under.write(november, damaged);
      const keptAs = `${november}.damaged-1`;
      expect(await ledger.setDamagedAside!()).toEqual([{ month: november, keptAs, droppedLines: 2 }]);
      expect(await linesOf(keptAs)).toBe(damaged);
      expect(await ledger.read()).toEqual([sound, backup(noon), backup(noon + 1)]);
      expect(await ledger.setDamagedAside!()).toEqual([]);
      await under.write(november, 'again\n');
      expect(await ledger.setDamagedAside!()).toMatchObject([{ keptAs: `${november}.damaged-2` }]);
      expect(await linesOf(keptAs)).toBe(damaged);
    });

    test('an outside world that refuses is an error, and no missing ledger', async () => {
      await ledger.append(backup(noon));
      await under.refuse();
      for (const work of [
        () => ledger.read(),
        () => ledger.append(backup(noon + 1)),
        () => ledger.setDamagedAside!(),
      ]) {
        const error = await failureOf(work());
        expect(error).toBeInstanceOf(StoreError);
        expect((error as StoreError).publicReason).not.toMatch(/see the run log|\//);
      }
    });
  });
}
