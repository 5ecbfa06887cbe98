import { setTimeout as delay } from 'node:timers/promises';
import { type Branch, commitFiles, isOvertaken, readBlob, readBranch } from '../github/branch.ts';
import type { Github } from '../github/client.ts';
import { explainGithub, isUncertain } from '../github/explain.ts';
import { StoreError } from '../lib/errors.ts';
import { branchReadme } from './branch-readme.ts';
import type { Ledger, SetAside } from './ledger.ts';
import { inOrder, lineOf, monthFile, monthOf, parseMonth, soundLines } from './parse-month.ts';

export interface GithubLedgerOptions {
  octokit: Github;
  owner: string;
  repo: string;
  branch: string;
  /** Between 0 and 1; spreads writers that were refused at the same moment. */
  random?(): number;
  sleep?(ms: number): Promise<unknown>;
}

/** Each round one writer gets through, so this is more than the writers that anyone has at once. */
const rounds = 60;
const longestPauseMs = 8000;

/**
 * A ledger on a branch of its own, which shares no history with the code. Whoever is overtaken by another writer looks
 * again and appends to what is there now; the branch is never forced.
 */
export function githubLedger(options: GithubLedgerOptions): Ledger {
  const { octokit, random = Math.random, sleep = (ms) => delay(ms) } = options;
  // A blob never changes, so a month that was read once is not read again.
  const known = new Map<string, Promise<string>>();
  const textOf = (branch: Branch, file: string): Promise<string> => {
    const sha = branch.files.get(file);
    if (sha === undefined) return Promise.resolve('');
    const reading = known.get(sha) ?? readBlob(octokit, options, sha).then(String);
    known.set(sha, reading);
    reading.catch(() => known.delete(sha));
    return reading;
  };

  /** Repeats a change until it got through; null: there is nothing to change. */
  async function change(
    edit: (branch: Branch | null) => Promise<{ files: Record<string, string>; message: string } | null>,
  ): Promise<void> {
    let failures = 0;
    for (let round = 0; round < rounds; round += 1) {
      if (round > 0) await sleep(random() * Math.min(200 * round, longestPauseMs));
      try {
        const branch = await readBranch(octokit, options);
        const edited = await edit(branch);
        if (edited === null) return;
        const files = branch ? edited.files : { 'README.md': branchReadme, ...edited.files };
        if (await commitFiles(octokit, options, { onto: branch, ...edited, files })) return;
      } catch (error) {
        // Another look tells whether the change took effect; the client has been patient already.
        if (!isUncertain(error) && !isOvertaken(error)) throw explainGithub(error, writing);
        failures += 1;
        if (failures > 3) throw explainGithub(error, writing);
      }
    }
    throw new StoreError(`The ledger could not be written: ${rounds} times somebody else was faster.`, {
      hint: 'Run fewer things at once. What was to be recorded is not in the ledger.',
      publicReason: 'the ledger could not be written',
    });
  }

  async function months(): Promise<{ name: string; text: string }[] | null> {
    const branch = await readBranch(octokit, options);
    const names = [...(branch?.files.keys() ?? [])].filter((name) => monthFile.test(name)).sort();
    if (branch === null || names.length === 0) return null;
    const found: { name: string; text: string }[] = [];
    // A few at a time: GitHub dislikes many requests at once.
    for (let from = 0; from < names.length; from += 6) {
      const some = names.slice(from, from + 6);
      found.push(
        ...(await Promise.all(some.map(async (name) => ({ name, text: await textOf(branch, name) })))),
      );
    }
    return found;
  }

  return {
    append(record) {
      const line = lineOf(record);
      const file = monthOf(record);
      const message = `${record.verb} of ${record.database} ${record.outcome} [skip ci]`;
      return change(async (branch) => {
        const text = branch ? await textOf(branch, file) : '';
        // An answer may have been lost after the record got through.
        if (text.includes(`"id":"${record.id}"`)) return null;
        const isOpen = text !== '' && !text.endsWith('\n');
        return { files: { [file]: `${text}${isOpen ? '\n' : ''}${line}` }, message };
      });
    },

    async read() {
      const found = await months().catch((error) => {
        throw explainGithub(error, { what: 'the ledger could not be read', permission: 'contents: read' });
      });
      return found && inOrder(found.flatMap(({ name, text }) => parseMonth(name, text)));
    },

    async setDamagedAside() {
      let aside: SetAside[] = [];
      await change(async (branch) => {
        aside = [];
        const files: Record<string, string> = {};
        for (const name of [...(branch?.files.keys() ?? [])].filter((each) => monthFile.test(each)).sort()) {
          const text = await textOf(branch!, name);
          const sound = soundLines(text);
          if (sound.dropped === 0 && (text === '' || text.endsWith('\n'))) continue;
          let count = 1;
          while (branch!.files.has(`${name}.damaged-${count}`)) count += 1;
          const keptAs = `${name}.damaged-${count}`;
          Object.assign(files, { [keptAs]: text, [name]: sound.text });
          aside.push({ month: name, keptAs, droppedLines: sound.dropped });
        }
        return aside.length === 0 ? null : { files, message: 'set damaged lines aside [skip ci]' };
      });
      return aside;
    },
  };
}

const writing = { what: 'the ledger could not be written', permission: 'contents: write' };
