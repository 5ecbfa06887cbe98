/**
 * The four ways things go wrong on purpose. Anything else that is thrown is a bug and keeps its stack.
 *
 * `message` is for the person at the terminal and may name hosts and tables; `publicReason` is what the ledger
 * and the status page show, so it is a fixed sentence that never holds a value from outside.
 */
export abstract class HoldfastError extends Error {
  /** Written out, because a bundler may rename classes and the ledger keeps this. */
  abstract override readonly name: 'ConfigError' | 'SourceError' | 'StoreError' | 'IntegrityError';
  abstract readonly exitCode: number;
  /** What to run or change next; printed under the message. */
  readonly hint: string | null;
  readonly publicReason: string;

  constructor(message: string, options: { hint?: string; publicReason?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint ?? null;
    this.publicReason = options.publicReason ?? 'see the run log';
  }
}

/** The caller can mend it: configuration, arguments, rights, identity. Exit code 2. */
export class ConfigError extends HoldfastError {
  override readonly name = 'ConfigError';
  override readonly exitCode = 2;
}

/** The database could not be read. Nothing was written to it; a rerun is safe. Exit code 3. */
export class SourceError extends HoldfastError {
  override readonly name = 'SourceError';
  override readonly exitCode = 3;
}

/** A store or ledger could not be read or written. Exit code 3. */
export class StoreError extends HoldfastError {
  override readonly name = 'StoreError';
  override readonly exitCode = 3;
}

/** Bytes or rows are not what was promised. Never retried, never downgraded. Exit code 4. */
export class IntegrityError extends HoldfastError {
  override readonly name = 'IntegrityError';
  override readonly exitCode = 4;
}

/** Exit code of any thrown value: 70 is a bug of ours (sysexits' EX_SOFTWARE). */
export function exitCodeOf(error: unknown): number {
  return error instanceof HoldfastError ? error.exitCode : 70;
}

/** The public-safe reason of any thrown value. */
export function publicReasonOf(error: unknown): string {
  return error instanceof HoldfastError ? error.publicReason : 'unexpected error in Holdfast';
}
