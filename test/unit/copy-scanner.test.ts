import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CopyScanner } from '../../src/source/postgres/copy-scanner.ts';
import { blockBytes, type HeldRows, RowBlock } from '../../src/source/postgres/row-block.ts';

function message(kind: string, body: Buffer | string): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(kind, 0, 'latin1');
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

/** Feeds a stream in chunks of these sizes, each overwritten as soon as it was taken, as the socket's memory is. */
function scan(stream: Buffer, sizes: readonly number[]) {
  const found: { kind: string; text: string }[] = [];
  const held: HeldRows[] = [];
  let behind = '';
  const scanner = new CopyScanner({
    rows: (rows) => {
      held.push(rows);
      found.push({ kind: 'rows', text: rows.bytes.toString('latin1') });
    },
    message: (bytes) => {
      if (bytes[0] === 99) scanner.flush();
      found.push({ kind: String.fromCharCode(bytes[0]!), text: bytes.toString('latin1', 5) });
      return bytes[0] !== 90;
    },
  });
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const chunk = Buffer.from(stream.subarray(at, at + sizes[turn % sizes.length]!));
    at += chunk.length;
    behind += scanner.read(chunk).toString('latin1');
    chunk.fill(0);
  }
  return { found, held, behind, rowCount: scanner.rowCount };
}

const joined = (found: { kind: string; text: string }[]) =>
  found.filter(({ kind }) => kind === 'rows').reduce((all, { text }) => all + text, '');

describe('the scanner of COPY', () => {
  test('finds the same rows and messages however the stream is cut', () => {
    const rows = fc.array(fc.string({ maxLength: 200 }).map((text) => `${text.replaceAll('\n', ' ')}\n`));
    const property = fc.property(
      rows,
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      (lines, sizes) => {
        const texts = lines.map((line) => Buffer.from(line));
        const stream = Buffer.concat([
          message('H', 'head'),
          ...texts.map((text) => message('d', text)),
          message('c', ''),
          message('N', 'a notice'),
          message('Z', 'I'),
        ]);
        const { found, rowCount, behind, held } = scan(stream, sizes);
        for (const { free } of held) free();
        expect(rowCount).toBe(lines.length);
        expect(joined(found) === Buffer.concat(texts).toString('latin1')).toBe(true);
        const others = found.filter(({ kind }) => kind !== 'rows').map(({ kind, text }) => kind + text);
        expect(others).toEqual(['Hhead', 'c', 'Na notice', 'ZI']);
        expect(behind).toBe('');
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  test('blocks end at row ends, unless a row is larger than a block', () => {
    const row = `${'r'.repeat(999)}\n`;
    const long = `${'x'.repeat(3 * blockBytes)}\n`;
    const lines = [...Array(3000).fill(row), long, row];
    const stream = Buffer.concat([...lines.map((line) => message('d', line)), message('c', '')]);
    const { found } = scan(stream, [65_536]);
    expect(joined(found) === lines.join('')).toBe(true);
    const blocks = found.filter(({ kind }) => kind === 'rows').map(({ text }) => text);
    for (const block of blocks) expect(block.length).toBeLessThanOrEqual(blockBytes);
    const cutInside = blocks.filter((block) => !block.endsWith('\n'));
    expect(cutInside.every((block) => /^x+$/.test(block))).toBe(true);
  });

  test('gives back what comes behind the last message', () => {
    const stream = Buffer.concat([message('Z', 'I'), message('S', 'later')]);
    expect(scan(stream, [1000]).behind).toContain('later');
  });
});

describe('a block of rows', () => {
  const filled = (text: string) => {
    const block = new RowBlock();
    block.usedBytes = block.memory.write(text);
    return { block, held: block.handOut()! };
  };

  test('stays as it is while anybody holds a part of it', () => {
    const { block, held } = filled('first');
    const others = Array.from({ length: 20 }, () => new RowBlock());
    block.close();
    for (const each of [...others, new RowBlock()]) expect(each.memory).not.toBe(block.memory);
    expect(held.bytes.toString()).toBe('first');
  });

  test('is used again when all have let go, and only once when one does so twice', () => {
    const { block, held } = filled('rows');
    block.usedBytes += block.memory.write('more', block.usedBytes);
    const second = block.handOut()!;
    expect(second.bytes.toString()).toBe('more');
    block.close();
    held.free();
    held.free();
    expect(new RowBlock().memory).not.toBe(block.memory);
    second.free();
    const [next, another] = [new RowBlock(), new RowBlock()];
    expect(next.memory).toBe(block.memory);
    expect(another.memory).not.toBe(block.memory);
  });
});
