import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError, IntegrityError, StoreError } from '../lib/errors.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerRecord, recordSchema } from './record.ts';

const monthFile = /^\d{4}-\d{2}\.ndjson$/;

/** A ledger in a folder: NDJSON, a file per month of the record's start. Files are only ever appended to. */
export function directoryLedger(folder: string): Ledger {
  return {
    async append(record) {
      const line = `${JSON.stringify(recordSchema.parse(record))}\n`;
      try {
        await mkdir(folder, { recursive: true });
        const file = await open(join(folder, `${record.startedAt.slice(0, 7)}.ndjson`), 'a+');
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
      let files: { name: string; text: string }[];
      try {
        const names = (await readdir(folder)).filter((name) => monthFile.test(name)).sort();
        files = await Promise.all(
          names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
        );
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw unavailable('read', error);
      }
      if (files.length === 0) return null;
      return files
        .flatMap(({ name, text }) => parseMonth(name, text))
        .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
    },
  };
}

/** A process that was killed in mid-write left no line feed; without one, the next record would be lost with its rest. */
async function endsInsideLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 10;
}

/** @throws IntegrityError naming the first line that is not a record, or a last line that is cut short */
export function parseMonth(name: string, text: string): LedgerRecord[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw invalid(name, lines.length + 1, 'is cut short');
  return lines.flatMap((line, index) => {
    // Two processes may both have ended a line that a third had left open.
    if (line === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw invalid(name, index + 1, 'is not JSON');
    }
    const parsed = recordSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw invalid(
      name,
      index + 1,
      `is not a record of a known version (${issue?.path.join('.') || issue?.message})`,
    );
  });
}

function invalid(name: string, line: number, what: string) {
  return new IntegrityError(`The ledger is damaged: line ${line} of ${name} ${what}.`, {
    hint: 'Backups themselves are not touched by this. Mend or remove that line; the stores keep a receipt of each backup.',
    publicReason: 'the ledger is damaged',
  });
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
