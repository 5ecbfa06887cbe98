import { z } from 'zod';
import { plainWord, statusWords } from '../../crm/words.ts';
import { SourceError } from '../../lib/errors.ts';
import { untouched } from './explain-network.ts';
import { notAsPromised } from './not-as-promised.ts';

/** The CRM's answer to the request for a backup. docs/crm-source.md lists the shapes that are accepted. */

/** What the CRM says of a backup; null where it does not say. */
export interface MadeBackup {
  id: string;
  createdAtMs: number | null;
  sizeBytes: number | null;
  enquiries: number | null;
  /** `sha256:` of the JSON text. */
  digest: string | null;
}

export type Made = { kind: 'made'; backup: MadeBackup } | { kind: 'skipped'; nextAllowedAt: string | null };

type Fields = Record<string, unknown>;

const idField = z.union([z.int().positive(), z.string().regex(/^[\w-]{1,64}$/)]).transform(String);
const idNames = ['id', 'backupId', 'backup_id', '_id'];
const count = z.number().nonnegative();
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** @throws SourceError or IntegrityError when no complete backup was made, or it is not said which */
export function madeBackup(body: unknown): Made {
  const root = fieldsOf(body);
  if (!root) throw notAsPromised('the answer to PATCH is no JSON object');
  const inside = objectsIn(['backup', 'data', 'result'].map((name) => root[name]));
  const places = [...objectsIn(inside.map((each) => each['backup'])), ...inside, root];
  if (places.some((place) => place['skipped'] === true)) {
    const next = z.iso
      .datetime({ offset: true })
      .safeParse(first(places, ['nextAllowedAt', 'next_allowed_at']));
    return { kind: 'skipped', nextAllowedAt: next.data ?? null };
  }
  const hasFailed = places.some((place) => ['success', 'ok'].some((name) => place[name] === false));
  if (hasFailed || places.some((place) => !isComplete(place))) {
    throw new SourceError(`The CRM says that its backup is not complete. ${untouched}`, {
      hint: 'The log of the CRM says why; with its own endpoint of docs/crm.md, the table backup_audit.',
      publicReason: 'the CRM could not make its backup',
    });
  }
  const place = places.find((each) => idOf(each) !== null);
  if (!place) throw notAsPromised('the answer to PATCH names no id of a backup');
  return { kind: 'made', backup: describeBackup(place) };
}

/** Null: it is no backup. */
export function idOf(place: Fields): string | null {
  return idField.safeParse(first([place], idNames)).data ?? null;
}

/** @param place has an id */
export function describeBackup(place: Fields): MadeBackup {
  const pick = <T>(schema: z.ZodType<T>, names: string[]) =>
    schema.safeParse(first([place], names)).data ?? null;
  const sizeKb = pick(count, ['size_kb', 'sizeKb', 'sizeKB']);
  return {
    id: idOf(place)!,
    createdAtMs: pick(instant, ['created_at', 'createdAt']),
    sizeBytes: sizeKb === null ? null : Math.round(sizeKb * 1024),
    enquiries: pick(count, ['enquiry_count', 'enquiryCount']),
    digest: pick(z.string().regex(/^sha256:[0-9a-f]{64}$/), ['digest']),
  };
}

/** A status that is not a success is none; a place without one may be a success. */
export function isComplete(place: Fields): boolean {
  const { status } = place;
  if (typeof status === 'boolean') return status;
  if (typeof status !== 'string') return true;
  return (statusWords.Success as readonly string[]).includes(plainWord(status));
}

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function objectsIn(values: readonly unknown[]): Fields[] {
  return values.map(fieldsOf).filter((each) => each !== null);
}

function first(places: readonly Fields[], names: readonly string[]): unknown {
  for (const place of places) for (const name of names) if (place[name] != null) return place[name];
  return undefined;
}
