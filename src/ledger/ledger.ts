import type { LedgerRecord } from './record.ts';

/** The append-only history of every attempt. */
export interface Ledger {
  /** @throws StoreError when it can't be written */
  append(record: LedgerRecord): Promise<void>;
  /**
   * All records, oldest first; null when there is no ledger yet, which is not the same as an empty one.
   *
   * @throws StoreError when it can't be read; IntegrityError naming file and line of a record that is not valid
   */
  read(): Promise<LedgerRecord[] | null>;
  /**
   * Keeps each damaged month aside under another name and goes on with its sound lines.
   *
   * @returns the damaged files, where they are kept, and the lines that are in nothing else; empty when all is sound
   */
  setDamagedAside?(): Promise<SetAside[]>;
}

/** The records of one database, oldest first; none when there is no ledger yet. @throws as `read` */
export async function recordsAbout(ledger: Pick<Ledger, 'read'>, database: string): Promise<LedgerRecord[]> {
  return ((await ledger.read()) ?? []).filter((record) => record.database === database);
}

export interface SetAside {
  month: string;
  keptAs: string;
  droppedLines: number;
}
