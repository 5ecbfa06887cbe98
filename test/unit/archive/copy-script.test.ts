import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CopyScriptReader } from '../../../src/archive/copy-script.ts';
import { CopyStreamWriter, endOfRows } from '../../../src/archive/copy-stream.ts';
import type { TableEntry } from '../../../src/archive/tables.ts';
import { decompressFrame } from '../../../src/archive/zstd-frames.ts';
import { cutAt, failureOf } from '../../support/pieces.ts';

interface Table {
  rows: string[];
  cuts: number[];
}

const copyLine = (index: number) => `COPY "public"."table ${index}" ("a b", "c;") FROM stdin;`;

/** COPY text of a value, as the server escapes it. */
function copyText(value: string | null): string {
  const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return value === null ? '\\N' : value.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character]!);
}

// Values that look like what the reader looks for, more often than chance would make them.
const telling = fc.constantFrom(
  '',
  '\\',
  '\\.',
  '\n\\.\n',
  '\\.\n',
  '.',
  '\n',
  'COPY "public"."table 0" FROM stdin;',
  'é',
);
const value = fc.oneof(telling, fc.string({ unit: 'binary', maxLength: 8 }), fc.constant(null));
const row = fc.array(value, { maxLength: 4 }).map((values) => `${values.map(copyText).join('\t')}\n`);
const table = fc.record({
  rows: fc.array(row, { maxLength: 8 }),
  cuts: fc.array(fc.nat(), { maxLength: 6 }),
});
const tables = fc.array(table, { maxLength: 6 });

function entriesOf(written: readonly unknown[]): Map<string, TableEntry> {
  const entries = written.map((_, index): [string, TableEntry] => {
    const copy = copyLine(index);
    const name = `table ${index}`;
    return [
      copy,
      { ordinal: index + 1, schema: 'public', name, columns: [], filter: null, copy, estimatedRows: 0 },
    ];
  });
  return new Map(entries);
}

/** What a reader makes of the frames: rows by table, in order, of tables that began and ended. */
function read(frames: readonly Buffer[], written: readonly Table[]): string[] {
  const reader = new CopyScriptReader('stream 000001', entriesOf(written));
  const found: string[] = [];
  const ended: number[] = [];
  for (const frame of frames)
    for (const part of reader.read(frame)) {
      const index = part.table.ordinal - 1;
      if (part.kind === 'begin') found[index] = '';
      else if (part.kind === 'rows') found[index] += part.bytes.toString('latin1');
      else ended.push(index);
    }
  reader.finish();
  expect(ended).toEqual(written.map((_, index) => index));
  return found;
}

async function write(written: readonly Table[]): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  const entry = async (_: string, bytes: Uint8Array) => {
    frames.push(await decompressFrame('a chunk', bytes));
  };
  const writer = new CopyStreamWriter({ entry } as never, 1);
  for (const [index, { rows, cuts }] of written.entries()) {
    await writer.begin(copyLine(index));
    for (const piece of cutAt(Buffer.from(rows.join('')), cuts)) await writer.rows(piece);
    await writer.end();
  }
  await writer.finish();
  return frames;
}

// Latin-1: a cut may fall inside a character, and what counts is the bytes.
const texts = (written: readonly Table[]) =>
  written.map(({ rows }) => Buffer.from(rows.join('')).toString('latin1'));

describe('tables written and read again', () => {
  test('any rows of any tables come back, however the writer got them', async () => {
    const property = fc.asyncProperty(tables, async (written) => {
      expect(read(await write(written), written)).toEqual(texts(written));
    });
    await fc.assert(property, { numRuns: 150 });
  });

  test('and however frames fall between the pieces', () => {
    const property = fc.property(tables, fc.infiniteStream(fc.boolean()), (written, isCut) => {
      const pieces = written.flatMap(({ rows, cuts }, index) => [
        Buffer.from(`${copyLine(index)}\n`),
        ...cutAt(Buffer.from(rows.join('')), cuts),
        Buffer.from(endOfRows),
      ]);
      const frames: Buffer[][] = [[]];
      for (const piece of pieces) {
        if (isCut.next().value) frames.push([]);
        frames.at(-1)!.push(piece);
      }
      expect(
        read(
          frames.map((frame) => Buffer.concat(frame)),
          written,
        ),
      ).toEqual(texts(written));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test.each([
    ['in blocks as the server’s rows come', 1 << 20],
    ['in one piece', 1 << 30],
  ])('rows longer than any frame, %s', async (_, blockBytes) => {
    const long = `${'\\\\.'.repeat(1 << 20)}\n`;
    const rows = ['first\n', long, '\n', long, `${'x'.repeat(9 << 20)}\n`, 'last\n'];
    const cuts = Array.from(
      { length: Math.floor((16 << 20) / blockBytes) },
      (_, index) => index * blockBytes,
    );
    const written = [
      { rows, cuts },
      { rows: ['a\n'], cuts: [] },
    ];
    const frames = await write(written);
    for (const frame of frames) expect(frame.length).toBeLessThan(4 << 20);
    expect(read(frames, written).join('') === texts(written).join('')).toBe(true);
  });

  test('the chunks of a stream are numbered, and each is a frame of its own that any zstd reads', async () => {
    const names: string[] = [];
    let script = '';
    const entry = async (name: string, bytes: Uint8Array) => {
      names.push(name);
      script += zstdDecompressSync(bytes);
    };
    const writer = new CopyStreamWriter({ entry } as never, 7);
    await writer.begin(copyLine(0));
    for (let block = 0; block < 3; block++) await writer.rows(Buffer.alloc(1 << 20, 'row\n'));
    await writer.end();
    await writer.finish();
    expect(names).toEqual(names.map((_, chunk) => `data/000007/0000000${chunk}.sql.zst`));
    expect(names.length).toBeGreaterThan(2);
    expect(script === `${copyLine(0)}\n${'row\n'.repeat(3 << 18)}\\.\n`).toBe(true);
  });
});

test('an archive that takes no more fails the writer, with its reason', async () => {
  const failure = new Error('the archive was closed');
  const writer = new CopyStreamWriter({ entry: () => Promise.reject(failure) } as never, 1);
  const work = async () => {
    await writer.begin(copyLine(0));
    for (let block = 0; block < 10; block++) await writer.rows(Buffer.alloc(1 << 20, 'row\n'));
    await writer.end();
    await writer.finish();
  };
  expect(await failureOf(work())).toBe(failure);
  const last = new CopyStreamWriter({ entry: () => Promise.reject(failure) } as never, 1);
  await last.begin(copyLine(0));
  expect(await failureOf(last.finish())).toBe(failure);
});
