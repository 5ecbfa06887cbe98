import type { Ledger } from './ledger/ledger.ts';
import type { Progress } from './lib/progress.ts';
import type { Store } from './store/store.ts';

/** What a verb needs of the outside world. Tests and callers give their own. */
export interface Deps {
  /** Milliseconds since the epoch. */
  now(): number;
  randomBytes(size: number): Uint8Array;
  progress: Progress;
  ledger: Ledger;
  /** In the configured order, at least one. */
  stores: readonly Store[];
  run: RunContext;
  /** Aborted when the process was asked to stop; verbs clean up and record the attempt. */
  signal: AbortSignal;
}

/** Who or what started this, for the ledger. */
export interface RunContext {
  trigger: string;
  /** When a schedule meant it to run, ISO; null when a person started it. */
  intendedAt: string | null;
  runUrl: string | null;
  actor: string | null;
}
