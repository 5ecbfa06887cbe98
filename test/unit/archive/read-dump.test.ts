import { Readable } from 'node:stream';
import { generateX25519Identity } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { type DumpPart, readDump } from '../../../src/archive/read-dump.ts';
import { ConfigError, IntegrityError, StoreError } from '../../../src/lib/errors.ts';
import { failureOf, streamOf, within } from '../../support/pieces.ts';
import { identity, makeSmallArchive, readParts } from '../../support/small-archive.ts';
import { smallTables } from '../../support/small-dump.ts';

const encrypted = await makeSmallArchive(true);
const clear = await makeSmallArchive(false);
const kinds = [
  ['encrypted', encrypted],
  ['clear', clear],
] as const;

function rowsOf(parts: readonly DumpPart[], name: string): string {
  const rows = parts.flatMap((part) =>
    part.kind === 'rows' && part.table.name === name ? [part.bytes] : [],
  );
  return Buffer.concat(rows).toString('utf8');
}

async function failureToRead(source: Readable, identities: string[] | null = [identity]): Promise<Error> {
  const read = async () => {
    for await (const _ of readDump(source, { receipt: encrypted.receipt, identities }));
  };
  return within(2000, failureOf(read()));
}

describe.each(kinds)('a sound %s archive', (_, archive) => {
  test.each([1, 511, 512, 513, 1 << 20])('comes back whole in pieces of %i bytes', async (pieceBytes) => {
    const parts = await readParts(archive, pieceBytes);
    for (const { name, rows } of smallTables) expect(rowsOf(parts, name)).toBe(rows);
    expect(parts.filter((part) => part.kind === 'end').map((part) => part.table.name)).toEqual(
      smallTables.map(({ name }) => name),
    );
    const sections = parts.flatMap((part) => (part.kind === 'sql' ? [part.section] : []));
    expect(sections).toEqual(['roles', 'pre-data', 'sequences', 'large-objects', 'post-data', 'database']);
    expect(parts.find((part) => part.kind === 'fingerprint')).toMatchObject({ fingerprint: { tables: {} } });
    expect(parts[0]).toMatchObject({ kind: 'tables' });
    expect(parts.at(-1)).toMatchObject({ kind: 'manifest', manifest: { id: archive.receipt.id } });
  });

  test('a table larger than a frame comes back whole', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `${index}\tcustomer number ${index}\n`).join(
      '',
    );
    const table = { schema: 'public', name: 'customers', columns: ['id', 'name'], rows };
    const parts = await readParts(await makeSmallArchive(archive === encrypted, [table]));
    expect(parts.filter((part) => part.kind === 'rows').length).toBeGreaterThan(1);
    expect(rowsOf(parts, 'customers') === rows).toBe(true);
  });

  test('a reader that leaves early closes the source', async () => {
    const source = streamOf(archive.bytes, 512);
    const options = { receipt: archive.receipt, identities: archive === encrypted ? [identity] : null };
    for await (const part of readDump(source, options)) if (part.kind === 'begin') break;
    expect(source.destroyed).toBe(true);
  });
});

describe('what is not the archive’s fault', () => {
  test('another identity is the user’s mistake; the source is closed', async () => {
    const source = streamOf(encrypted.bytes);
    const error = await failureToRead(source, [await generateX25519Identity()]);
    expect(error).toBeInstanceOf(ConfigError);
    expect(source.destroyed).toBe(true);
  });

  test('so is an identity that is none; the source is closed', async () => {
    const source = streamOf(encrypted.bytes);
    expect(await failureToRead(source, ['AGE-SECRET-KEY-1WRONG'])).toBeInstanceOf(ConfigError);
    expect(source.destroyed).toBe(true);
  });

  test('one of several identities is enough', async () => {
    const identities = [await generateX25519Identity(), identity];
    let last: DumpPart | null = null;
    for await (const part of readDump(streamOf(encrypted.bytes), { receipt: encrypted.receipt, identities }))
      last = part;
    expect(last).toMatchObject({ kind: 'manifest' });
  });

  test.each([
    ['a store that fails', new StoreError('Store disk could not be read.')],
    ['a bug', new TypeError('undefined is not a function')],
    ['a cut connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ])('%s passes through as it is', async (_, failure) => {
    for (const place of [0, 100, 300, encrypted.bytes.length - 20]) {
      const source = Readable.from(
        (async function* () {
          yield encrypted.bytes.subarray(0, place);
          throw failure;
        })(),
      );
      expect(await failureToRead(source)).toBe(failure);
    }
  });

  test('an identity that the receipt names makes a header that does not open damage', async () => {
    const changed = Buffer.from(encrypted.bytes);
    const stanza = changed.indexOf('-> X25519 ');
    changed[stanza + 3] = 'Y'.charCodeAt(0);
    const error = await failureToRead(streamOf(changed));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error.message).toContain('header');
  });
});
