import { describe, expect, test } from 'vitest';
import { compressFrame } from '../../../src/archive/zstd-frames.ts';
import { IntegrityError } from '../../../src/lib/errors.ts';
import { failureOf, within } from '../../support/pieces.ts';
import { makeSmallArchive, readParts, seal } from '../../support/small-archive.ts';
import {
  type Entry,
  makeEntries,
  makeManifest,
  manifestEntry,
  smallTables,
} from '../../support/small-dump.ts';

/**
 * Archives whose outer digests are all right, as a bug of a writer could make them: what is inside must be found wrong
 * by itself.
 */

const sound = await makeEntries();
const soundManifest = makeManifest(sound);
const place = (name: string) => sound.findIndex((entry) => entry.name.startsWith(name));

async function messageOf(entries: readonly Entry[], manifest = soundManifest): Promise<string> {
  const error = await within(2000, failureOf(readParts(await seal(entries, manifest))));
  expect(error).toBeInstanceOf(IntegrityError);
  return error.message;
}

const withManifest = (entries: readonly Entry[]) => [...entries, manifestEntry(soundManifest)];
const swapped = (one: number, other: number) =>
  sound.map((entry, index) => sound[index === one ? other : index === other ? one : index] ?? entry);

describe('entries that are not those of the manifest', () => {
  test.each(sound.map(({ name }) => name))('%s is missing', async (name) => {
    const message = await messageOf(withManifest(sound.filter((entry) => entry.name !== name)));
    expect(message).toMatch(name === 'tables.json' ? /stands before tables.json/ : name);
  });

  test.each(sound.map(({ name }) => name))('%s comes twice', async (name) => {
    await messageOf(withManifest(sound.flatMap((entry) => (entry.name === name ? [entry, entry] : [entry]))));
  });

  test('any two swapped', async () => {
    for (let one = 0; one < sound.length; one++)
      for (let other = one + 1; other < sound.length; other++)
        await messageOf(withManifest(swapped(one, other)));
  });

  test('one renamed', async () => {
    const renamed = (from: string, to: string) =>
      withManifest(sound.map((entry) => (entry.name === from ? { ...entry, name: to } : entry)));
    expect(await messageOf(renamed('restore.sh', 'restore2.sh'))).toContain('restore2.sh');
    await messageOf(renamed('schema/roles.sql', 'sequences.sql'));
    await messageOf(renamed('data/000001/00000000.sql.zst', 'data/000003/00000000.sql.zst'));
    expect(
      await messageOf(renamed('data/000001/00000000.sql.zst', 'data/000001/00000001.sql.zst')),
    ).toContain('out of order');
  });

  test('one changed', async () => {
    for (const { name } of sound) {
      const changed = sound.map((entry) => {
        const bytes = name.endsWith('.zst') ? sound[place('data/')]!.bytes : Buffer.from('-- changed\n');
        return entry.name === name
          ? { name, bytes: name.startsWith('data/000001') ? Buffer.alloc(9) : bytes }
          : entry;
      });
      await messageOf(withManifest(changed));
    }
  });

  test('one more than there should be', async () => {
    const extra = { name: 'data/000003/00000000.sql.zst', bytes: await compressFrame(Buffer.alloc(0)) };
    expect(await messageOf(withManifest([...sound, extra]))).toContain('is not in the manifest');
  });
});

describe('the manifest itself', () => {
  test('missing', async () => {
    expect(await messageOf(sound)).toContain('ends before its manifest');
  });

  test('not last', async () => {
    const [last] = sound.slice(-1);
    const entries = [...sound.slice(0, -1), manifestEntry(soundManifest), last!];
    expect(await messageOf(entries)).toContain('stands behind the manifest');
    expect(await messageOf([...withManifest(sound), manifestEntry(soundManifest)])).toContain(
      'behind the manifest',
    );
  });

  test('another one than the receipt’s', async () => {
    const other = { ...soundManifest, madeBy: { holdfast: '9.9.9', pgDump: '17.6' } };
    expect(await messageOf([...sound, manifestEntry(other)])).toContain('not the one in the receipt');
  });

  test('of a version that is not known, or with a field that is not', async () => {
    for (const strange of [
      { ...soundManifest, version: 2 },
      { ...soundManifest, surprise: true },
    ])
      expect(await messageOf([...sound, manifestEntry(strange as never)], strange as never)).toMatch(
        /version/,
      );
  });

  test('with a content root that is not that of its tables', async () => {
    const contentRoot = `sha256:${'0'.repeat(64)}`;
    const manifest = { ...soundManifest, contentRoot };
    expect(await messageOf([...sound, manifestEntry(manifest)], manifest)).toContain('different backups');
  });

  test('a receipt of another backup does not fit', async () => {
    const archive = await makeSmallArchive();
    const other = await makeSmallArchive(true, smallTables.slice(0, 1));
    await expect(readParts({ ...archive, receipt: other.receipt })).rejects.toBeInstanceOf(IntegrityError);
    for (const change of [
      { id: 'crm-20261123T020000Z-k7qa' },
      { contentRoot: other.receipt.contentRoot },
      { manifestDigest: other.receipt.manifestDigest },
      { archive: other.receipt.archive },
    ])
      await expect(
        readParts({ ...archive, receipt: { ...archive.receipt, ...change } }),
      ).rejects.toBeInstanceOf(IntegrityError);
  });
});

describe('rows that are not those of the manifest, though every entry is', () => {
  const [customers, notes, empty] = smallTables as [(typeof smallTables)[0], ...typeof smallTables];
  const messageOfRows = async (tables: typeof smallTables) => {
    const entries = await makeEntries(tables);
    const manifest = { ...makeManifest(entries), entries: makeManifest(entries, tables).entries };
    return messageOf([...entries, manifestEntry(manifest)], manifest);
  };

  test('a value changed', async () => {
    const changed = { ...customers, rows: customers.rows.replace('Ada', 'Eve') };
    expect(await messageOfRows([changed, notes!, empty!])).toContain(
      'rows of public.customers are not those',
    );
  });

  test('a row missing, doubled, or in another table', async () => {
    const [first, ...rest] = customers.rows.split(/(?<=\n)/);
    const withRows = (rows: string) => messageOfRows([{ ...customers, rows }, notes!, empty!]);
    expect(await withRows(rest.join(''))).toContain('public.customers has 2 rows, the manifest says 3');
    expect(await withRows(first + customers.rows)).toContain('has 4 rows, the manifest says 3');
    expect(await messageOfRows([customers, notes!, { ...empty!, rows: '1\n' }])).toContain(
      'crm.empty has 1 rows',
    );
    expect(await messageOfRows([{ ...customers, rows: notes!.rows }, notes!, empty!])).toContain('customers');
  });
});
