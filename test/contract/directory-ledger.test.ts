import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryLedger } from '../../src/ledger/directory.ts';
import { ledgerContract } from './ledger.contract.ts';

ledgerContract('directory', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'holdfast-ledger-'));
  const folder = join(parent, 'deep', 'ledger');
  const read = async (name: string) => [name, await readFile(join(folder, name), 'utf8')] as const;
  return {
    another: () => directoryLedger(folder),
    files: async () => Object.fromEntries(await Promise.all((await readdir(folder)).map(read))),
    write: async (name, text) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), text);
    },
    refuse: async () => {
      await rm(folder, { recursive: true });
      await writeFile(folder, 'a file where the folder should be');
    },
    close: () => rm(parent, { recursive: true }),
  };
});
