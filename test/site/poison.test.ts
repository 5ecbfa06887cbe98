import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deps } from '../../src/deps.ts';
import { recordAttempt } from '../../src/ledger/attempt.ts';
import { directoryLedger } from '../../src/ledger/directory.ts';
import { SourceError } from '../../src/lib/errors.ts';
import { silent } from '../../src/lib/progress.ts';
import { status } from '../../src/status.ts';
import { backup, goodMonth, hourMs, noon, policy } from '../support/status-fixture.ts';
import { filesIn } from './built-site.ts';
import { newRoot } from './variants.ts';

/**
 * Poison in every place that a secret can come from: errors with their messages, hints and causes, a bug's stack, the
 * environment of the build. None of it may be anywhere in what is published.
 */

const poison = {
  host: 'db.internal.poison.example',
  user: 'poison_owner',
  password: 'poison-p4ssw0rd',
  table: 'poison_patients',
  identity: 'AGE-SECRET-KEY-1POISON',
};
const root = newRoot();
const out = path.join(root, 'page');
const before = process.env['HOLDFAST_IDENTITY'];

beforeAll(async () => {
  process.env['HOLDFAST_IDENTITY'] = poison.identity;
  process.env['DATABASE_URL'] = `postgres://${poison.user}:${poison.password}@${poison.host}/crm`;
  const ledger = directoryLedger(path.join(root, 'ledger'));
  for (const record of goodMonth()) await ledger.append(record);
  let now = noon - hourMs;
  const deps: Pick<Deps, 'now' | 'randomBytes' | 'ledger' | 'run' | 'progress'> = {
    now: () => now++,
    randomBytes: (size) => new Uint8Array(size).fill(now % 251),
    ledger,
    run: { trigger: 'schedule', intendedAt: null, runUrl: null, actor: null },
    progress: silent,
  };
  const text = `permission denied for table ${poison.table} (${poison.user}:${poison.password}@${poison.host})`;
  const thrown = [
    new SourceError(text, { hint: text, publicReason: 'a table may not be read', cause: new Error(text) }),
    new TypeError(text),
  ];
  for (const error of thrown) {
    const attempt = recordAttempt(deps, { verb: 'backup', database: 'crm' }, () => Promise.reject(error));
    await expect(attempt).rejects.toBe(error);
  }
  const made = backup(noon - 30 * 60_000);
  await ledger.append({ ...made, result: { ...made.result!, tableRows: { pseudonym0: 1234567 } } });
  await status(
    { ledger, now: () => noon, progress: silent },
    { databases: ['crm'], policy, outDir: out, site: true },
  );
});
afterAll(() => {
  if (before === undefined) delete process.env['HOLDFAST_IDENTITY'];
  else process.env['HOLDFAST_IDENTITY'] = before;
  delete process.env['DATABASE_URL'];
  rmSync(root, { recursive: true, force: true });
});

test('the failures are told of in their fixed words', () => {
  const text = readFileSync(path.join(out, 'databases/crm/index.html'), 'utf8');
  expect(text).toContain('a table may not be read');
});

test('no poison is in any file, by name or by content', () => {
  const files = filesIn(out);
  expect(files.length).toBeGreaterThan(40);
  for (const name of files) {
    const text = `${name}\n${readFileSync(path.join(out, name), 'latin1')}`;
    for (const [kind, secret] of Object.entries(poison))
      expect(text.includes(secret), `${kind} in ${name}`).toBe(false);
    expect(text.includes('poison'), `poison in ${name}`).toBe(false);
    expect(text.includes(root) || text.includes(process.cwd()), `a path of this machine in ${name}`).toBe(
      false,
    );
    // Rows per table are in the ledger by pseudonym; the page has no use for them.
    expect(text.includes('pseudonym0'), name).toBe(false);
  }
});
