import { expect, test } from 'vitest';
import { onAbort, unlessAborted } from '../../src/lib/on-abort.ts';

test.each([
  { name: 'before', times: 1 },
  { name: 'after', times: 1 },
  { name: 'never', times: 0 },
  { name: 'forgotten', times: 0 },
])('aborted: $name', ({ name, times }) => {
  const stopping = new AbortController();
  let stopped = 0;
  if (name === 'before') stopping.abort();
  const forget = onAbort(stopping.signal, () => {
    stopped += 1;
  });
  if (name === 'forgotten') forget();
  if (name !== 'never') stopping.abort();
  expect(stopped).toBe(times);
});

test('work is waited for, unless it is aborted first; what comes too late is closed', async () => {
  const stopping = new AbortController();
  const closed: string[] = [];
  const wait = (work: Promise<string>) =>
    unlessAborted(
      stopping.signal,
      work,
      () => new Error('stopped'),
      (value) => closed.push(value),
    );
  expect(await wait(Promise.resolve('in time'))).toBe('in time');
  await expect(wait(Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  const late = Promise.withResolvers<string>();
  const waiting = wait(late.promise);
  stopping.abort();
  await expect(waiting).rejects.toThrow('stopped');
  await expect(wait(new Promise(() => {}))).rejects.toThrow('stopped');
  late.resolve('too late');
  await late.promise;
  expect(closed).toEqual(['too late']);
});
