import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { writeArchive } from '../../../src/archive/writer.ts';
import { digestOf } from '../../../src/lib/digest.ts';
import { failureOf, within } from '../../support/pieces.ts';
import { recipient } from '../../support/small-archive.ts';

const modifiedAt = Date.parse('2026-11-22T02:00:00Z');

test('entries given at once come out one after the other, and are noted in that order', async () => {
  const archive = await writeArchive({ recipients: null, modifiedAt });
  const written = buffer(archive.stream);
  const bodies = ['', 'a', 'b'.repeat(512), 'c'.repeat(100_000), ''].map((text) => Buffer.from(text));
  await Promise.all(bodies.map((body, index) => archive.entry(`entry ${index}`, body)));
  archive.finish();
  const tar = await written;
  expect(archive.entries).toEqual(
    bodies.map((body, index) => ({ name: `entry ${index}`, sizeBytes: body.length, digest: digestOf(body) })),
  );
  const places = bodies.map((_, index) => tar.indexOf(`entry ${index}`));
  expect(places.toSorted((a, b) => a - b)).toEqual(places);
});

test('the same entries make the same bytes: nothing of the machine is in them', async () => {
  const write = async () => {
    const archive = await writeArchive({ recipients: null, modifiedAt });
    const written = buffer(archive.stream);
    await archive.entry('README.txt', Buffer.from('hello'));
    archive.finish();
    return written;
  };
  expect((await write()).equals(await write())).toBe(true);
});

test.each([
  ['encrypted', [recipient]],
  ['clear', null],
])('an %s archive that is given up ends with the reason, and nobody waits for it', async (_, recipients) => {
  const failure = new Error('the database went away');
  const archive = await writeArchive({ recipients, modifiedAt });
  const reading = failureOf(buffer(archive.stream));
  await archive.entry('README.txt', Buffer.from('hello'));
  archive.abort(failure);
  expect(await within(2000, reading)).toBe(failure);
  await within(2000, failureOf(archive.entry('restore.sh', Buffer.alloc(10))));
});

test('an entry that nobody reads waits, and fails when the reader leaves', async () => {
  const archive = await writeArchive({ recipients: [recipient], modifiedAt });
  const writing = failureOf(
    (async () => {
      for (let chunk = 0; chunk < 20; chunk++) await archive.entry(`chunk ${chunk}`, Buffer.alloc(1 << 20));
    })(),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(archive.entries.length).toBeLessThan(5);
  archive.stream.destroy();
  await within(2000, writing);
});

test('a reader that leaves between two entries ends nothing but the archive', async () => {
  const archive = await writeArchive({ recipients: [recipient], modifiedAt });
  archive.stream.resume();
  await archive.entry('README.txt', Buffer.from('hello'));
  archive.stream.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await within(2000, failureOf(archive.entry('restore.sh', Buffer.alloc(10))));
});
