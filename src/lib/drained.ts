import type { Writable } from 'node:stream';

/** Resolves when a stream takes more, or has ended for good; what it ended with is for the caller to look at. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    const events = ['drain', 'close', 'error'];
    for (const event of events) stream.once(event, done);
    if (stream.destroyed || !stream.writableNeedDrain) done();
  });
}
