import { expect, test } from 'vitest';
import { forEachDatabase } from '../../src/actions/databases.ts';
import type { ActionContext } from '../../src/actions/run.ts';
import { SourceError } from '../../src/lib/errors.ts';
import { load, minimal } from '../support/config-file.ts';

test('one that fails keeps no other from its turn, and each failure is told once', async () => {
  const { config } = load(minimal.replace('stores:', '  shop: { url: x }\n  wiki: { url: x }\nstores:'));
  const warnings: string[] = [];
  const deps = { stores: [], progress: { warn: (text: string) => warnings.push(text) }, signal: {} };
  const context = { config, inputs: {}, deps } as unknown as ActionContext<unknown>;
  const seen: string[] = [];
  const working = forEachDatabase(context, null, async (database) => {
    seen.push(database);
    if (database !== 'shop') throw new SourceError(`No ${database} today.`);
  });
  await expect(working).rejects.toThrow('No crm today.');
  expect(seen).toEqual(['crm', 'shop', 'wiki']);
  expect(warnings).toEqual(['wiki: No wiki today.']);
});
