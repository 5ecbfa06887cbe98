import { expect, test } from 'vitest';
import { statusSchema } from '../../../src/health/status.ts';
import { backup, goodMonth, hourMs, noon, restoreTest, statusOf } from '../../support/status-fixture.ts';

const failed = { reason: 'the store is down', errorKind: 'StoreError' as const };

test.each([
  ['a good month', statusOf(goodMonth())],
  ['an empty ledger', statusOf([])],
  ['no database', statusOf([], noon, [])],
  [
    'failures',
    statusOf([...goodMonth(), backup(noon, { failed }), restoreTest(noon, backup(noon), { failed })]),
  ],
])('the document of %s is valid and survives JSON', (_, status) => {
  expect(statusSchema.parse(JSON.parse(JSON.stringify(status)))).toEqual(status);
});

test('attempts are newest first and include the failed ones', () => {
  const attempts = statusOf([...goodMonth(), backup(noon - hourMs, { failed })]).databases[0]!.attempts;
  expect(attempts[0]).toMatchObject({ verb: 'backup', outcome: 'failed', reason: 'the store is down' });
  expect(attempts.map((each) => each.startedAt)).toEqual(
    attempts
      .map((each) => each.startedAt)
      .toSorted()
      .toReversed(),
  );
});
