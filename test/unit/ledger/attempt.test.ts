import { describe, expect, test } from 'vitest';
import { recordAttempt } from '../../../src/ledger/attempt.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { type LedgerRecord, recordSchema } from '../../../src/ledger/record.ts';
import {
  ConfigError,
  HoldfastError,
  IntegrityError,
  SourceError,
  StoreError,
} from '../../../src/lib/errors.ts';
import { failureOf } from '../../support/pieces.ts';

const startMs = Date.parse('2026-11-22T02:00:00.000Z');
const poison = 'postgres://ada:hunter2@db.internal/crm public.salaries /home/ada/.pgpass';
const backupId = 'crm-20261122T020000Z-k7qa';
const result = { store: 'disk', rung: 'readable' as const };

/** The dependencies of an attempt, at a clock that goes on by 1.5 s each time it is asked. */
function attemptDeps(append?: Ledger['append']) {
  const records: LedgerRecord[] = [];
  const warnings: string[] = [];
  let asked = 0;
  const deps = {
    now: () => startMs + 1500 * asked++,
    randomBytes: (size: number) => new Uint8Array(size).fill(0xab),
    ledger: {
      append: append ?? (async (record) => void records.push(recordSchema.parse(record))),
      read: async () => records,
    } satisfies Ledger,
    run: { trigger: 'schedule', intendedAt: '2026-11-22T02:00:00.000Z', runUrl: null, actor: 'ada' },
    progress: {
      step: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
      warn: (text: string) => void warnings.push(text),
    },
  };
  return { deps, records, warnings };
}

const about = { verb: 'verify' as const, database: 'crm' };

test('a success is recorded with what the verb noted', async () => {
  const { deps, records } = attemptDeps();
  const value = await recordAttempt(deps, about, async (notes) => {
    Object.assign(notes, { backupId, result });
    return 'the value';
  });
  expect(value).toBe('the value');
  expect(records).toEqual([
    {
      version: 1,
      id: 'abababababababab',
      ...about,
      ...deps.run,
      outcome: 'succeeded',
      startedAt: '2026-11-22T02:00:00.000Z',
      finishedAt: '2026-11-22T02:00:01.500Z',
      durationMs: 1500,
      reason: null,
      errorKind: null,
      backupId,
      result,
    },
  ]);
});

test('a clock that is set back makes no negative duration', async () => {
  const { deps, records } = attemptDeps();
  const clock = [startMs, startMs - 60_000];
  await recordAttempt({ ...deps, now: () => clock.shift()! }, about, async () => {});
  expect(records[0]).toMatchObject({ durationMs: 0 });
});

describe('a failure', () => {
  const options = { hint: poison, publicReason: 'a fixed sentence', cause: new Error(poison) };
  test.each<[string, unknown, string]>([
    ['ConfigError', new ConfigError(poison, options), 'a fixed sentence'],
    ['SourceError', new SourceError(poison, options), 'a fixed sentence'],
    ['StoreError', new StoreError(poison, options), 'a fixed sentence'],
    ['IntegrityError', new IntegrityError(poison, options), 'a fixed sentence'],
    ['IntegrityError', new IntegrityError(poison), 'see the run log'],
    ['Bug', new TypeError(poison), 'unexpected error in Holdfast'],
    [
      'Bug',
      Object.assign(new Error(poison), { publicReason: poison, name: poison }),
      'unexpected error in Holdfast',
    ],
    ['Bug', poison, 'unexpected error in Holdfast'],
    ['Bug', null, 'unexpected error in Holdfast'],
    ['Bug', undefined, 'unexpected error in Holdfast'],
  ])('by %s is recorded without any private text, and thrown as it is', async (kind, thrown, reason) => {
    const { deps, records } = attemptDeps();
    const attempt = recordAttempt(deps, about, async (notes) => {
      notes.backupId = backupId;
      throw thrown;
    });
    await expect(
      attempt.then(
        () => 'succeeded',
        (error) => [error],
      ),
    ).resolves.toEqual([thrown]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ outcome: 'failed', errorKind: kind, reason, backupId, result: null });
    for (const part of poison.split(/[ /:@]+/).filter((word) => word.length > 3 && word !== 'ada'))
      expect(JSON.stringify(records)).not.toContain(part);
  });

  test('that can’t be recorded is still the one that is told, and the other is said beside it', async () => {
    const { deps, warnings } = attemptDeps(() => Promise.reject(new StoreError('The ledger is full.')));
    const failure = new SourceError('The database is gone.');
    const work = recordAttempt(deps, about, () => Promise.reject(failure));
    expect(await failureOf(work)).toBe(failure);
    expect(warnings).toEqual([expect.stringContaining('The ledger is full.')]);
  });
});

test('a success that can’t be recorded is a failure: nobody would know of it', async () => {
  const full = new StoreError('The ledger is full.');
  const { deps, warnings } = attemptDeps(() => Promise.reject(full));
  expect(await failureOf(recordAttempt(deps, about, async () => 'done'))).toBe(full);
  expect(warnings).toEqual([]);
});

test('the names of the error classes are those that a record knows', () => {
  const kinds = [ConfigError, SourceError, StoreError, IntegrityError].map((each) => new each('').name);
  const record = { version: 1, ...about, backupId: null, result: null };
  for (const errorKind of kinds) {
    const problems = recordSchema.safeParse({ ...record, errorKind }).error!.issues;
    expect(problems.filter(({ path }) => path[0] === 'errorKind')).toEqual([]);
  }
  expect(new ConfigError('') instanceof HoldfastError).toBe(true);
});
