import { afterEach, beforeEach, expect, test } from 'vitest';
import { hold } from '../../../src/hold.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { matrixOf } from '../../../src/matrix.ts';
import type { DatabaseReview } from '../../../src/retention/review-data.ts';
import { reviewText } from '../../../src/retention/review-text.ts';
import { type ReviewOptions, review } from '../../../src/review.ts';
import { load, minimal } from '../../support/config-file.ts';
import { failureOf } from '../../support/pieces.ts';
import { nothing } from '../../support/retention.ts';
import { iso, noon } from '../../support/status-fixture.ts';
import { archiveBytes, openStock, type Stock } from '../../support/stock.ts';

let stock: Stock;
let ids: string[];
beforeEach(async () => {
  stock = await openStock(['near', 'far']);
  ids = await stock.makeDaily(5);
});
afterEach(() => stock[Symbol.asyncDispose]());

const issueUrl = 'https://github.com/example/crm/issues/7';
const run = (options: Partial<ReviewOptions> = {}) =>
  review(stock.deps, {
    databases: [{ database: 'crm', stores: stock.deps.stores }],
    policyOf: ({ name }) => ({ ...nothing, keepLast: name === 'near' ? 5 : 3 }),
    publish: async () => issueUrl,
    ...options,
  });
const recorded = async () => (await stock.records()).filter((record) => record.verb === 'review');

test('it says what each store keeps and why, and what the rules would delete; nothing is deleted', async () => {
  await stock.prove(ids[1]!, 'near');
  await hold(stock.deps, { database: 'crm', id: ids[4]!, held: true, reason: 'the auditors asked' });
  const published: string[] = [];
  const { reviews, markdown } = await run({
    publish: async (text) => {
      published.push(text);
      return issueUrl;
    },
  });
  expect(reviews[0]).toMatchObject({
    kept: 5,
    deletable: 1,
    holds: [{ id: ids[4], reason: 'the auditors asked' }],
    months: [{ month: '2026-11', backups: 5, meanSizeBytes: archiveBytes.length }],
    stores: [
      { store: 'near', backups: 5, sizeBytes: 5 * archiveBytes.length, deletable: [] },
      {
        store: 'far',
        oldestAt: iso(noon - 4 * 86_400_000),
        newestAt: iso(noon),
        proved: { readable: 1, restored: 0 },
        deletable: [{ id: ids[3] }],
      },
    ],
  });
  expect(reviews[0]!.stores[1]!.keptBy).toContainEqual({ reason: 'one of the last 3', backups: 3 });
  expect(reviews[0]!.stores[1]!.keptBy).toContainEqual({ reason: 'held', backups: 1 });
  expect(published).toEqual([markdown]);
  for (const part of [`\`${ids[3]}\``, 'the auditors asked', 'keep-last 3', '### Store far (directory)'])
    expect(markdown).toContain(part);
  expect(await stock.held('far')).toEqual(ids);
  expect(await recorded()).toMatchObject([
    { outcome: 'succeeded', result: { kept: 5, deletable: 1, issueUrl } },
  ]);
});

test('one text for all databases, and a record for each', async () => {
  const published: string[] = [];
  const stores = stock.deps.stores;
  await run({
    databases: [
      { database: 'crm', stores },
      { database: 'billing', stores },
    ],
    publish: async (text) => {
      published.push(text);
      return null;
    },
  });
  expect(published).toHaveLength(1);
  expect(published[0]).toMatch(/## crm[\s\S]*## billing[\s\S]*There is no backup yet/);
  expect((await recorded()).map(({ database, result }) => [database, result?.issueUrl])).toEqual([
    ['crm', null],
    ['billing', null],
  ]);
});

test('a store that can’t be listed, or an issue that can’t be opened, fails the review, and each database knows', async () => {
  const down = {
    ...stock.store('far'),
    list: () => Promise.reject(new StoreError('Down.', { publicReason: 'down' })),
  };
  expect(await failureOf(run({ databases: [{ database: 'crm', stores: [down] }] }))).toBeInstanceOf(
    StoreError,
  );
  await failureOf(
    run({ publish: () => Promise.reject(new StoreError('No.', { publicReason: 'no issue' })) }),
  );
  expect((await recorded()).map(({ outcome, reason, result }) => [outcome, reason, result])).toEqual([
    ['failed', 'down', null],
    ['failed', 'no issue', null],
  ]);
});

test('the words of a person neither break the text nor call anybody', () => {
  const held: DatabaseReview = {
    database: 'crm',
    kept: 0,
    deletable: 0,
    stores: [],
    holds: [{ id: ids[0]!, reason: 'ask @ada | <img src=x>' }],
    months: [],
  };
  const text = reviewText([held], iso(noon));
  expect(text).toContain('ask @\u200bada \\| &lt;img');
  expect(text).toContain('2026-11-22 12:00 UTC');
});

test('growth is told from the first month to the last', () => {
  const months = [1000, 1500, 2000].map((meanSizeBytes, index) => ({
    month: `2026-0${index + 1}`,
    backups: 30,
    meanSizeBytes,
  }));
  const text = reviewText(
    [{ database: 'crm', kept: 0, deletable: 0, stores: [], holds: [], months }],
    iso(noon),
  );
  expect(text).toContain('From 2026-01 to 2026-03 an archive changed by +100 %.');
});

test('the job matrix has a job per database with its stores and thresholds, and no secret', () => {
  const text = minimal
    .replace(
      'stores:',
      '  billing:\n    url: ${BILLING_URL}\n    stores: [disk]\n    health: { late-after: 3h }\nstores:\n  other: { type: directory, path: o }',
    )
    .replace('encryption: off', 'encryption: off\nhealth: { critical-after: 30h }');
  const { include } = matrixOf(load(text).config);
  expect(include).toMatchObject([
    { database: 'crm', source: 'postgres', stores: ['other', 'disk'], criticalAfterHours: 30 },
    { database: 'billing', stores: ['disk'], lateAfterHours: 3, criticalAfterHours: 30 },
  ]);
  expect(JSON.stringify(include)).not.toMatch(/URL|\$/);
});
