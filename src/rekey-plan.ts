import { identityToRecipient } from 'age-encryption';
import { recipientFingerprint } from './archive/receipt.ts';
import type { KnownBackup } from './health/backups.ts';
import type { LedgerRecord } from './ledger/record.ts';
import { type Vouching, vouchFor } from './ledger/vouch.ts';
import type { SoundCopy } from './store/find.ts';
import type { Store } from './store/store.ts';
import type { Survey } from './store/survey.ts';

/** One archive of a snapshot: as it was made, or encrypted again. */
export interface Generation {
  id: string;
  /** Null when the ledger does not know it, as after a run that was killed. */
  known: KnownBackup | null;
  vouching: Vouching;
  /** Copies that nothing is held against. */
  copies: SoundCopy[];
  /** Stores that have something of it, or should. */
  stores: string[];
  sizeBytes: number;
}

/** What is to be done about one snapshot. */
export interface SnapshotPlan {
  /** The newest archive of it that is known. */
  id: string;
  /** `rekey`: encrypt again · `finish`: only older archives of it are to go · `skip`: can't be done, see `why` */
  action: 'rekey' | 'finish' | 'current' | 'skip';
  why: string;
  /** What it is made of, best first; none unless it is to be encrypted again. */
  sources: SoundCopy[];
  /** For the recipients that are configured; null when there is none yet. */
  current: Generation | null;
  /** The archives that the current one is to replace. */
  others: Generation[];
}

export interface Keys {
  /** Fingerprints of the configured recipients. */
  recipients: ReadonlySet<string>;
  /** Fingerprints of the recipients of the identities that were given. */
  identities: ReadonlySet<string>;
}

/** @param identities secret halves. @throws when one is not valid */
export async function keysFor(recipients: readonly string[], identities: readonly string[]): Promise<Keys> {
  const own = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
  return {
    recipients: new Set(recipients.map(recipientFingerprint)),
    identities: new Set(own.map(recipientFingerprint)),
  };
}

/**
 * What a change of recipients asks for, oldest snapshot first, so that the newest is the last that anything happens to.
 *
 * @param known by the ledger; one that is dated in the future is not among them, and is left alone
 * @param records of this database
 */
export function planRekey(
  survey: Survey,
  known: readonly KnownBackup[],
  records: readonly LedgerRecord[],
  keys: Keys,
): SnapshotPlan[] {
  const generations = generationsOf(survey, known, records);
  const snapshots = Map.groupBy(generations, ({ id, known, copies }) => {
    return known?.result.rekeyedFrom ?? copies[0]?.receipt.rekeyedFrom ?? id;
  });
  return [...snapshots.values()]
    .map((same) => planSnapshot(same, keys))
    .sort((a, b) => a.id.localeCompare(b.id));
}

function generationsOf(
  survey: Survey,
  known: readonly KnownBackup[],
  records: readonly LedgerRecord[],
): Generation[] {
  const stored = new Map(survey.backups.map((backup) => [backup.id, backup]));
  const knownById = new Map(known.map((backup) => [backup.id, backup]));
  const ids = [...stored.keys(), ...known.filter(({ stores }) => stores.length > 0).map(({ id }) => id)];
  return [...new Set(ids)].map((id) => {
    const history = knownById.get(id) ?? null;
    const readable = (stored.get(id)?.copies ?? []).filter(
      (copy): copy is SoundCopy => copy.receipt !== null,
    );
    const vouched = readable.filter(({ receipt }) => vouchFor(receipt, records) !== 'other');
    const first = vouched[0];
    return {
      id,
      known: history,
      vouching: first ? vouchFor(first.receipt, records) : 'unknown',
      copies: vouched.filter(
        ({ store }) => !history || history.copies.some((copy) => copy.store === store.name),
      ),
      stores: [...new Set([...readable.map(({ store }) => store.name), ...(history?.stores ?? [])])],
      sizeBytes: first?.receipt.archive.sizeBytes ?? history?.result.sizeBytes ?? 0,
    };
  });
}

function planSnapshot(generations: readonly Generation[], keys: Keys): SnapshotPlan {
  const usable = generations.filter(({ known, copies }) => known && !known.refuted && copies.length > 0);
  const hasVouched = usable.some(({ vouching }) => vouching === 'vouched');
  // An archive that the ledger does not vouch for is no replacement of one that it does.
  const fit = usable.filter(({ vouching }) => !hasVouched || vouching === 'vouched');
  // Of several, the one that was recorded first: two runs at once can't each choose the one that the other removes.
  const inTime = fit.toSorted(
    (a, b) => recordedAt(a).localeCompare(recordedAt(b)) || a.id.localeCompare(b.id),
  );
  const current = inTime.find(({ copies }) => isFor(copies[0]!, keys.recipients)) ?? null;
  const others = generations.filter((each) => each !== current && each.stores.length > 0);
  const plan = (action: SnapshotPlan['action'], why: string, sources: SoundCopy[] = []): SnapshotPlan => {
    const { id } = current ?? inTime.at(-1) ?? generations[0]!;
    return { id, action, why, sources, current, others };
  };
  if (current)
    return others.length > 0
      ? plan('finish', `encrypted again as ${current.id}`)
      : plan('current', 'has these recipients');
  if (fit.length === 0) return plan('skip', whyUnfit(generations));
  const sources = fit
    .toReversed()
    .flatMap(({ copies }) => copies.filter((copy) => fits(copy, keys.identities)));
  const { receipt } = fit.at(-1)!.copies[0]!;
  const recipients = receipt.recipients?.join(', ');
  if (sources.length === 0)
    return plan('skip', `no identity that was given is of its recipients: ${recipients}`);
  return plan('rekey', recipients ? `is for ${recipients}` : 'is not encrypted', sources);
}

function recordedAt({ known }: Generation): string {
  return known!.reached[0]!.at;
}

function isFor({ receipt }: SoundCopy, recipients: ReadonlySet<string>): boolean {
  const own = new Set(receipt.recipients);
  return own.size === recipients.size && own.isSubsetOf(recipients);
}

function fits({ receipt }: SoundCopy, identities: ReadonlySet<string>): boolean {
  return receipt.recipients === null || receipt.recipients.some((each) => identities.has(each));
}

function whyUnfit(generations: readonly Generation[]): string {
  if (generations.every(({ known }) => known === null))
    return 'the ledger does not know it: `holdfast ledger rebuild` first';
  if (generations.some(({ known }) => known?.refuted)) return 'a restore test of it failed';
  return 'no sound copy of it can be read';
}

/** The stores in which the current archive of a snapshot takes the place of others. */
export function storesToHold({ sources, others }: SnapshotPlan, stores: readonly Store[]): Store[] {
  const names = new Set([
    ...sources.map(({ store }) => store.name),
    ...others.flatMap((each) => each.stores),
  ]);
  return stores.filter(({ name }) => names.has(name));
}
