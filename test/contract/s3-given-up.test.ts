import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { streamOf } from '../support/pieces.ts';
import { openS3 } from '../support/s3-under-test.ts';

test('a download that is given up before its first byte ends quietly', async () => {
  const { server, store } = await openS3();
  await store.put('crm/one/archive.tar.age', streamOf(Buffer.alloc(3 << 20, 'x')));
  const unheard: unknown[] = [];
  const listen = (error: unknown) => void unheard.push(error);
  process.on('uncaughtException', listen);
  try {
    for (let times = 0; times < 5; times += 1) (await store.get('crm/one/archive.tar.age')).destroy();
    await delay(300);
  } finally {
    process.off('uncaughtException', listen);
    await server.close();
  }
  expect(unheard).toEqual([]);
});
