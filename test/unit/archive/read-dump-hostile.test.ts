import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createZstdCompress } from 'node:zlib';
import { pack as createPack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { compressFrame } from '../../../src/archive/zstd-frames.ts';
import { IntegrityError } from '../../../src/lib/errors.ts';
import { failureOf, memoryGrowthDuring, within } from '../../support/pieces.ts';
import { readParts, seal, sealTar } from '../../support/small-archive.ts';
import { type Entry, makeEntries, makeManifest, manifestEntry } from '../../support/small-dump.ts';

const sound = await makeEntries();
const firstData = sound.findIndex((entry) => entry.name.startsWith('data/'));

async function readAll(entries: readonly Entry[]): Promise<Error> {
  const manifest = makeManifest(entries);
  const archive = await seal([...entries, manifestEntry(manifest)], manifest);
  return within(5000, failureOf(readParts(archive)));
}

const withData = (bytes: Buffer) =>
  readAll(sound.map((entry, index) => (index === firstData ? { ...entry, bytes } : entry)));

type Header = Parameters<ReturnType<typeof createPack>['entry']>[0];

/** The tar header of an entry, without what it promises. */
async function tarHeader(header: Header): Promise<Buffer> {
  const pack = createPack();
  const parts: Buffer[] = [];
  pack.on('data', (part) => parts.push(part as Buffer));
  pack.entry(header, () => {});
  await setTimeout(5);
  pack.destroy();
  return Buffer.concat(parts);
}

async function readTar(...parts: Buffer[]): Promise<Error> {
  const archive = await sealTar(Buffer.concat(parts), makeManifest(sound));
  return within(5000, failureOf(readParts(archive)));
}

describe('frames', () => {
  test('one that would decompress to half a gigabyte is refused in little memory', async () => {
    const zeros = Buffer.alloc(1 << 20);
    const bomb = await buffer(
      Readable.from(Array.from({ length: 512 }, () => zeros)).pipe(createZstdCompress()),
    );
    expect(bomb.length).toBeLessThan(1 << 20);
    const growth = await memoryGrowthDuring(async () => {
      const error = await withData(bomb);
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error.message).toContain('data/000001/00000000.sql.zst');
    });
    expect(growth / (1 << 20)).toBeLessThan(100);
  });

  const copyLine = JSON.parse(String(sound[2]!.bytes)).tables[0].copy;
  test.each([
    ['rows without their COPY line', '1\tAda\n', 'a COPY line that tables.json does not have'],
    ['another table', 'COPY "public"."staff" (id) FROM stdin;\n\\.\n', 'a COPY line'],
    ['half a COPY line', copyLine, 'a COPY line'],
    ['a table without its end', `${copyLine}\n1\tAda\n`, 'a table without its end'],
    ['nothing in a frame', '', 'rows of public.customers are missing'],
  ])('%s is damage', async (_, text, message) => {
    const error = await withData(await compressFrame(Buffer.from(text)));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error.message).toContain(message);
  });

  test('what is no frame, or only half of one, is damage', async () => {
    const frame = await compressFrame(Buffer.alloc(5000, 'rows\n'));
    for (const bytes of [Buffer.alloc(0), Buffer.from('rows'), frame.subarray(0, 12), frame.subarray(4)])
      expect((await withData(bytes)).message).toContain('data/000001/00000000.sql.zst');
  });

  test('a table twice, in one stream or in two', async () => {
    const data = sound[firstData]!;
    const again = { ...data, name: 'data/000003/00000000.sql.zst' };
    const twice = [...sound.slice(0, firstData + 2), again, ...sound.slice(firstData + 2)];
    expect((await readAll(twice)).message).toContain('comes twice');
    const next = { ...data, name: 'data/000001/00000001.sql.zst' };
    expect((await readAll([...sound.slice(0, firstData + 1), next])).message).toContain('comes twice');
  });

  test('chunks of a stream that do not begin at the first or leave one out', async () => {
    const named = (name: string) =>
      sound.map((entry, index) => (index === firstData ? { ...entry, name } : entry));
    for (const name of ['data/000001/00000001.sql.zst', 'data/000002/00000000.sql.zst'])
      expect((await readAll(named(name))).message).toMatch(/\d\.sql\.zst (is out of order|comes twice)/);
  });

  test('tables.json after the rows, or twice', async () => {
    const tables = sound.find(({ name }) => name === 'tables.json')!;
    const others = sound.filter((entry) => entry !== tables);
    expect((await readAll([...others, tables])).message).toContain('stands before tables.json');
    expect((await readAll([...sound, tables])).message).toContain('tables.json comes twice');
  });

  test('a document that restoring needs, left out or doubled by whoever wrote manifest and all', async () => {
    const needed = sound.filter(({ name }) => /\.sql$|\.json/.test(name));
    expect(needed).toHaveLength(7);
    for (const entry of needed) {
      const message = async (entries: Entry[]) => (await readAll(entries)).message;
      expect(await message(sound.filter((each) => each !== entry))).toMatch(/tables\.json|is missing/);
      expect(await message(sound.flatMap((each) => (each === entry ? [each, each] : [each])))).toContain(
        'twice',
      );
    }
  });

  test('documents that are not JSON or of no known version', async () => {
    const tables = JSON.parse(String(sound[2]!.bytes));
    const strange = ['', '{', 'null', JSON.stringify({ ...tables, rowFormat: 'binary' }), '\u0000'];
    for (const text of strange) {
      const entries = sound.map((entry, index) =>
        index === 2 ? { ...entry, bytes: Buffer.from(text) } : entry,
      );
      expect((await readAll(entries)).message).toContain('tables.json');
    }
    const last = { ...sound.at(-1)!, bytes: await compressFrame(Buffer.from('{')) };
    expect((await readAll([...sound.slice(0, -1), last])).message).toContain('schema/fingerprint.json.zst');
  });
});

describe('entries that do not belong', () => {
  const body = Buffer.alloc(512, 'x');
  test.each<[string, Header]>([
    ['a path out of the folder', { name: '../../etc/passwd', size: 512 }],
    ['such a path inside data', { name: 'data/000001/../../../etc/passwd', size: 512 }],
    ['an absolute path', { name: '/etc/passwd', size: 512 }],
    ['a name that only begins well', { name: 'README.txt.exe', size: 512 }],
    ['a name with a line feed', { name: 'README.txt\n', size: 512 }],
    ['a very long name', { name: 'a/'.repeat(2000), size: 512 }],
    ['a symbolic link', { name: 'README.txt', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'README.txt', type: 'link', linkname: '/etc/passwd' }],
    ['a folder', { name: 'data/', type: 'directory' }],
    ['a device', { name: 'README.txt', type: 'character-device' }],
  ])('%s', async (_, header) => {
    const error = await readTar(await tarHeader(header), body, Buffer.alloc(1024));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error.message).toContain('does not belong there');
    expect(error.message.length).toBeLessThan(250);
  });

  test.each([
    ['data/000001/00000000.sql.zst', 9 << 20],
    ['data/000001/00000000.sql.zst', 2 ** 40],
    ['README.txt', 2 ** 30],
    ['schema/pre-data.sql', 2 ** 50],
  ])('%s claiming %i bytes is refused before they are read', async (name, size) => {
    const error = await readTar(await tarHeader({ name, size }), body);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error.message).toContain(`claims ${size} bytes`);
  });
});
