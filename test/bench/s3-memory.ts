import { formatBytes, formatDuration } from '../../src/lib/format.ts';
import { pushCosts } from '../support/s3-memory.ts';

/**
 * `node test/bench/s3-memory.ts`: memory and disk of an upload of 1 GB and one of 8 GB. Takes a minute or two. Fails when
 * they differ by more than 15 %.
 */
const costs = await pushCosts([1e9, 8e9]);
for (const { sizeBytes, peakBytes, writtenBytes, durationMs } of costs)
  process.stdout.write(
    `${formatBytes(sizeBytes)}: peak memory ${formatBytes(peakBytes)}, written to disk ${formatBytes(writtenBytes)}, ` +
      `${formatDuration(durationMs)}\n`,
  );
const [less, more] = costs.map(({ peakBytes }) => peakBytes) as [number, number];
if (Math.abs(more / less - 1) > 0.15) process.exitCode = 1;
