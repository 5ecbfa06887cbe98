import { expect, test } from 'vitest';
import { pushCosts } from '../support/s3-memory.ts';

// `node test/bench/s3-memory.ts` does the same with 1 GB and 8 GB, and compares more exactly: by then the heap has settled.
test('an upload eight times as large takes no more memory, but for a settling heap, and no disk', async () => {
  const [less, more] = await pushCosts([48_000_000, 384_000_000]);
  expect(more!.sizeBytes).toBe(384_000_000);
  expect(more!.peakBytes - less!.peakBytes).toBeLessThan(64_000_000);
  // Some kilobytes may be the process's own.
  expect(more!.writtenBytes).toBeLessThan(1_000_000);
}, 60_000);
