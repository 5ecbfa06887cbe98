/**
 * Does something when a signal is aborted, or at once when it already is: a listener that comes too late is never called,
 * and what was to be stopped would go on.
 *
 * @returns forgets about it
 */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

/**
 * Waits for work that may never end, such as a question to a server that has fallen silent, unless a signal is aborted
 * meanwhile. The work itself goes on unseen then.
 *
 * @param tooLate closes what the work gives after all
 * @throws what the work throws; `reason()` when the signal was first
 */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  reason: () => Error,
  tooLate: (value: T) => unknown = () => {},
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const forget = onAbort(signal, () => {
    aborted.reject(reason());
    work.then(tooLate).catch(() => {});
  });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    forget();
  }
}
