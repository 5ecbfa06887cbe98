import { identityToRecipient } from 'age-encryption';
import { recipientFingerprint } from './archive/receipt.ts';
import type { Deps } from './deps.ts';
import { recordAttempt } from './ledger/attempt.ts';
import type { LedgerRecord } from './ledger/record.ts';
import type { HoldfastError } from './lib/errors.ts';
import type { Generation, Keys } from './rekey-plan.ts';
import { type Deletions, deleteBackups } from './retention/delete-backups.ts';
import type { SoundCopy } from './store/find.ts';
import type { Store } from './store/store.ts';
import type { Survey } from './store/survey.ts';
import { verifyCopy } from './verify.ts';

/** So many are proved before they are removed together: more would fill the store, fewer the ledger. */
const batch = 10;

/** Removes archives that another one has taken the place of, store by store, and tells the ledger what is gone. */
export class Retirement {
  /** What is gone. */
  readonly removed: { store: string; id: string }[] = [];
  readonly #deps: Deps;
  readonly #options: { database: string; identities: readonly string[] };
  readonly #keys: Keys;
  readonly #records: readonly LedgerRecord[];
  readonly #due = new Map<Store, string[]>();
  readonly #left: Map<string, number>;
  #hasWarned = false;

  /**
   * @param records of the database, as they were when the plan was made
   * @param survey as it was then
   */
  constructor(
    deps: Deps,
    options: { database: string; identities: readonly string[] },
    about: { keys: Keys; records: readonly LedgerRecord[]; survey: Survey },
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#keys = about.keys;
    this.#records = about.records;
    const names = about.survey.backups.flatMap(({ copies }) => copies.map(({ store }) => store.name));
    this.#left = new Map(deps.stores.map(({ name }) => [name, names.filter((each) => each === name).length]));
  }

  /** A new archive is in these stores. */
  count(copies: readonly SoundCopy[]): void {
    for (const { store } of copies) this.#left.set(store.name, this.#left.get(store.name)! + 1);
  }

  /**
   * A mistyped recipient makes an archive that nobody can open. So the old one stays until the new one was read to its
   * last row, from the same store, with an identity of the new recipients.
   *
   * @param copies of the new archive
   * @throws the first failure, after every store had its turn
   */
  async replace(old: readonly Generation[], copies: readonly SoundCopy[]): Promise<void> {
    let failure: HoldfastError | null = null;
    for (const copy of copies) {
      const here = old.filter(({ stores }) => stores.includes(copy.store.name)).map(({ id }) => id);
      if (here.length === 0) continue;
      const proof = await this.#prove(copy);
      failure ??= proof.error;
      if (proof.isReadable) this.#due.set(copy.store, [...(this.#due.get(copy.store) ?? []), ...here]);
    }
    if ([...this.#due.values()].some((ids) => ids.length >= batch)) await this.removeDue();
    if (failure) throw failure;
  }

  /** Removes what was proved to be replaced, and tells the ledger right away. @throws as `deleteBackups` */
  async removeDue(): Promise<void> {
    for (const [store, ids] of this.#due) {
      this.#due.delete(store);
      const done: Deletions = { deleted: [], freedBytes: 0, locked: [] };
      try {
        await deleteBackups(store, this.#options.database, ids, done, this.#deps.signal);
      } finally {
        await this.#record(store, done);
      }
    }
  }

  async #record(store: Store, { deleted, freedBytes, locked }: Deletions): Promise<void> {
    if (locked.length > 0)
      this.#deps.progress.warn(`${locked.length} old archives are still locked by store ${store.name}.`);
    if (deleted.length === 0) return;
    const kept = Math.max(0, this.#left.get(store.name)! - deleted.length);
    this.#left.set(store.name, kept);
    this.removed.push(...deleted.map((id) => ({ store: store.name, id })));
    await recordAttempt(this.#deps, { verb: 'prune', database: this.#options.database }, async (notes) => {
      notes.result = { store: store.name, deleted, kept, freedBytes };
    });
  }

  async #prove(copy: SoundCopy): Promise<{ isReadable: boolean; error: HoldfastError | null }> {
    const { database } = this.#options;
    if (wasProved(this.#records, copy)) return { isReadable: true, error: null };
    const identities = await this.#newIdentities();
    if (identities.length === 0) {
      if (!this.#hasWarned)
        this.#deps.progress.warn(
          'The old archives stay, because no identity of the new recipients was given: that the new ones can be read is not proved.',
        );
      this.#hasWarned = true;
      return { isReadable: false, error: null };
    }
    const options = { database, id: copy.id, all: false, identities };
    const { checked, error } = await verifyCopy(this.#deps, options, copy, this.#records);
    return { isReadable: error === null && checked.rung === 'readable', error };
  }

  async #newIdentities(): Promise<string[]> {
    const fitting = await Promise.all(
      this.#options.identities.map(async (identity) =>
        this.#keys.recipients.has(recipientFingerprint(await identityToRecipient(identity)))
          ? [identity]
          : [],
      ),
    );
    return fitting.flat();
  }
}

function wasProved(records: readonly LedgerRecord[], { id, store }: SoundCopy): boolean {
  return records.some(
    (record) =>
      (record.verb === 'verify' ? record.result?.rung === 'readable' : record.verb === 'restore-test') &&
      record.outcome === 'succeeded' &&
      record.backupId === id &&
      record.result !== null &&
      'store' in record.result &&
      record.result.store === store.name,
  );
}
