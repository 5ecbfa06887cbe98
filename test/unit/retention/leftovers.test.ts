import { expect, test } from 'vitest';
import { leftoversOf } from '../../../src/retention/leftovers.ts';
import type { Store } from '../../../src/store/store.ts';

/** What is left in a store without a receipt: whether a pruning may take it. */

const id = 'crm-20261120T020000Z-k7qa';
const store = { name: 'disk', list: async () => [`crm/${id}/archive.tar.age`] } as unknown as Store;
const later = Date.parse('2026-11-22T12:00:00Z');
const about = { known: new Map(), begun: new Set<string>(), held: new Map<string, string>(), now: later };

test('an archive that never got a receipt goes after a day, and not before', async () => {
  expect(await leftoversOf(store, 'crm', about)).toMatchObject([{ id, wasBackup: false }]);
  const soon = Date.parse('2026-11-21T01:00:00Z');
  expect(await leftoversOf(store, 'crm', { ...about, now: soon })).toEqual([]);
});

test('what somebody holds stays, also without a receipt, and also when a pruning had begun to delete it', async () => {
  const held = new Map([[id, 'looked at']]);
  expect(await leftoversOf(store, 'crm', { ...about, held })).toEqual([]);
  expect(await leftoversOf(store, 'crm', { ...about, held, begun: new Set([id]) })).toEqual([]);
  expect(await leftoversOf(store, 'crm', { ...about, begun: new Set([id]) })).toMatchObject([
    { id, wasBackup: true },
  ]);
});
