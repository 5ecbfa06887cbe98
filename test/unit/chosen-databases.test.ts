import { expect, test } from 'vitest';
import { chosenDatabases } from '../../src/open.ts';
import { load, minimal } from '../support/config-file.ts';

const { config } = load(minimal.replace('stores:', '  shop: { url: x }\nstores:'));
const chosen = (choice: { database?: string; id?: string }) => chosenDatabases(config, choice);

test('the one that is named, the one an id belongs to, or all', () => {
  expect(chosen({})).toEqual(['crm', 'shop']);
  expect(chosen({ id: 'latest' })).toEqual(['crm', 'shop']);
  expect(chosen({ database: 'shop', id: 'latest' })).toEqual(['shop']);
  expect(chosen({ id: 'shop-20261122T020000Z-k7qa' })).toEqual(['shop']);
});

test('one that is not configured is refused with the nearest', () => {
  expect(() => chosen({ database: 'shp' })).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('no database "shp"'),
      hint: 'Did you mean shop?',
    }),
  );
  expect(() => chosen({ id: 'old-20261122T020000Z-k7qa' })).toThrow('no database "old"');
});

test.each(['nonsense', 'crm', 'newest', '', 'crm-20261122T020000Z'])('%j is no id, and is told so', (id) => {
  expect(() => chosen({ id })).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      message: `There is no backup "${id}": that is no id of one.`,
      hint: expect.stringContaining('`holdfast list` shows the ids'),
    }),
  );
});
