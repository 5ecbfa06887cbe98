import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/lib/errors.ts';
import { refuseUnready } from '../../../src/store/ready.ts';
import type { Store } from '../../../src/store/store.ts';

const lacking = {
  ready: () => Promise.reject(new ConfigError('No credentials.')),
} as Partial<Store> as Store;
const ready = { ready: async () => {} } as Partial<Store> as Store;
const always = {} as Store;

test('nothing is begun when no store could take it', async () => {
  await expect(refuseUnready([lacking])).rejects.toThrow('No credentials.');
  await expect(refuseUnready([lacking, lacking])).rejects.toThrow('No credentials.');
});

test('one that could not is no reason while another can', async () => {
  for (const other of [ready, always]) await expect(refuseUnready([lacking, other])).resolves.toBeUndefined();
});
