import type { BackupRecord } from '../ledger/record.ts';
import type { Dump } from './dump.ts';

/** What a source is told of the attempt that opens it. */
export interface SourceContext {
  now(): number;
  randomBytes(size: number): Uint8Array;
  signal: AbortSignal;
  /** Why the backup is taken. */
  trigger: string;
  /** To be called when a backup was made inside the very database that is protected, before it is carried off. */
  onMadeInDatabase(made: NonNullable<BackupRecord['inDatabase']>): void;
}

/**
 * Opens what is to be backed up and fixes the moment.
 *
 * @throws ConfigError, SourceError or IntegrityError; nothing was written then
 */
export type OpenSource = (context: SourceContext) => Promise<Dump>;
