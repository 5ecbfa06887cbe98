import { describe, expect, test } from 'vitest';
import type { NotCarried } from '../../src/source/postgres/catalog.ts';
import { unexpectedWarnings } from '../../src/source/postgres/pg-dump-warnings.ts';

const subscriptions = 'pg_dump: warning: subscriptions not dumped because current user is not a superuser\n';
const named: NotCarried[] = [{ kind: 'subscription', name: 'feed', reason: 'x' }];

describe('what pg_dump says although it succeeded', () => {
  test.each([
    ['nothing', '', []],
    ['what is named elsewhere', subscriptions, []],
    ['that the bundled one has no file', 'pg_dump: warning: could not find a "pg_dump" to execute\n', []],
    [
      'anything else, with its detail',
      `${subscriptions}pg_dump: warning: could not resolve dependency loop among these items:\npg_dump: detail: TABLE t (ID 1)\n`,
      ['pg_dump says: could not resolve dependency loop among these items: pg_dump: detail: TABLE t (ID 1)'],
    ],
  ])('%s', (_, complaint, expected) => {
    expect(unexpectedWarnings(complaint, named)).toEqual(expected);
  });

  test('subscriptions that nobody has named', () => {
    expect(unexpectedWarnings(subscriptions, [])).toHaveLength(1);
  });
});
