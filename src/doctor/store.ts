import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { encryptTo } from '../archive/age.ts';
import { digestOf } from '../lib/digest.ts';
import type { Store } from '../store/store.ts';
import { type Finding, ok, problem, thrown, warning } from './finding.ts';

export interface StoreToCheck {
  about: string;
  store: Store;
  /** Null: encryption is off, and so the probe is in clear too, as archives would be. */
  recipients: readonly string[] | null;
  randomBytes(size: number): Uint8Array;
  env: NodeJS.ProcessEnv;
}

/** Whether a store takes an object, gives it back as it was, and deletes it: a small one below `doctor/`. */
export async function checkStore(options: StoreToCheck): Promise<Finding[]> {
  const { about, store, env } = options;
  const findings: Finding[] = [];
  if (store.kind === 'directory' && env['RUNNER_ENVIRONMENT'] === 'github-hosted') {
    const text =
      'It is a folder of a runner of GitHub, which is thrown away after each job, with all backups.';
    return [problem(about, text, 'Use a store of type s3 or artifact (docs/stores.md).')];
  }
  const isOutside = store.kind === 'artifact' && !env['ACTIONS_RUNTIME_TOKEN'];
  if (store.capabilities.isImmutable || isOutside) {
    await store.list('doctor');
    const why = isOutside
      ? 'only a run of GitHub Actions can write artifacts'
      : 'object lock would keep what is written';
    return [ok(about, `It can be read. Writing was not tried: ${why}.`)];
  }
  findings.push(...(await probe(options)));
  return findings;
}

async function probe({ about, store, recipients, randomBytes }: StoreToCheck): Promise<Finding[]> {
  const folder = `doctor/${Buffer.from(randomBytes(8)).toString('hex')}`;
  const key = `${folder}/probe`;
  const content = await probeContent(recipients);
  const findings: Finding[] = [];
  try {
    const { digest } = await store.put(key, Readable.from([content], { objectMode: false }));
    const back = await buffer(await store.get(key));
    const isWhole = digest === digestOf(content) && back.equals(content);
    const isListed = (await store.list(folder)).includes(key);
    if (!isWhole)
      findings.push(
        problem(about, 'It gave back other bytes than it was given.', 'Use no store that does so.'),
      );
    if (!isListed) {
      const advice = 'Without a list, retention and a rebuilt ledger know of no backup: allow listing.';
      findings.push(problem(about, 'It does not list what it holds.', advice));
    }
    if (findings.length === 0) findings.push(ok(about, 'It takes an object and gives it back as it was.'));
  } catch (error) {
    findings.push(thrown(about, error));
  }
  findings.push(...(await removal(about, store, key)));
  return findings;
}

async function removal(about: string, store: Store, key: string): Promise<Finding[]> {
  try {
    await store.remove(key);
    if ((await store.size(key)) === null) return [];
    return [warning(about, `It does not delete: ${key} is still there.`, mayNotDelete)];
  } catch (error) {
    const { text, publicText } = thrown(about, error);
    return [warning(about, `It may hold ${key} for ever: ${text}`, mayNotDelete, publicText)];
  }
}

const mayNotDelete =
  'Pruning needs the right to delete. Without it the store grows for ever, unless it deletes by rules of its own.';

async function probeContent(recipients: readonly string[] | null): Promise<Buffer> {
  const text = Buffer.from('A probe of `holdfast doctor`. It may be deleted.\n');
  if (recipients === null) return text;
  const encrypting = await encryptTo(recipients);
  encrypting.end(text);
  return buffer(encrypting);
}
