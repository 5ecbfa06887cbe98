import { expect, test } from 'vitest';
import { onAbort } from '../../src/lib/on-abort.ts';

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
