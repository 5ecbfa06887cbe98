import { type FileHandle, link, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError, StoreError } from '../lib/errors.ts';
import type { Ledger, SetAside } from './ledger.ts';
import { inOrder, lineOf, monthFile, monthOf, parseMonth, soundLines } from './parse-month.ts';

/** A ledger in a folder. Files are only ever appended to. */
export function directoryLedger(folder: string): Ledger {
  return {
    async append(record) {
      const line = lineOf(record);
      try {
        await mkdir(folder, { recursive: true });
        const file = await open(join(folder, monthOf(record)), 'a+');
        try {
          // One write call: appends of several processes do not mix.
          await file.appendFile((await endsInsideLine(file)) ? `\n${line}` : line);
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (error) {
        throw unavailable('written', error);
      }
    },

    async read() {
      const months = await readMonths(folder);
      return months && inOrder(months.flatMap(({ name, text }) => parseMonth(name, text)));
    },

    async setDamagedAside() {
      const aside: SetAside[] = [];
      for (const { name, text } of (await readMonths(folder)) ?? []) {
        const sound = soundLines(text);
        if (sound.dropped === 0 && (text === '' || text.endsWith('\n'))) continue;
        try {
          aside.push({
            month: name,
            keptAs: await replace(folder, name, sound.text),
            droppedLines: sound.dropped,
          });
        } catch (error) {
          throw unavailable('written', error);
        }
      }
      return aside;
    },
  };
}

/** Null when there are none. */
async function readMonths(folder: string): Promise<{ name: string; text: string }[] | null> {
  try {
    const names = (await readdir(folder)).filter((name) => monthFile.test(name)).sort();
    const months = names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') }));
    return names.length === 0 ? null : await Promise.all(months);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unavailable('read', error);
  }
}

/** Gives the file a second name that no month has, then puts the new text in its place. */
async function replace(folder: string, name: string, text: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const keptAs = `${name}.damaged-${count}`;
    try {
      await link(join(folder, name), join(folder, keptAs));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    await writeFile(join(folder, `${name}.partial`), text, { flush: true });
    await rename(join(folder, `${name}.partial`), join(folder, name));
    return keptAs;
  }
}

/** A process that was killed in mid-write left no line feed; without one, the next record would be lost with its rest. */
async function endsInsideLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 10;
}

function unavailable(verb: string, error: unknown) {
  if (error instanceof HoldfastError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new StoreError(`The ledger could not be ${verb} (${code ?? (error as Error).message}).`, {
    hint: 'Check that its folder exists and that there is space.',
    publicReason: `the ledger could not be ${verb}`,
    cause: error,
  });
}
