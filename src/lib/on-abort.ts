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
