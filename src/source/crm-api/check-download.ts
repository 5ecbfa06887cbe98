import { createHash } from 'node:crypto';
import { type CrmDocument, otherBackup, readDocument } from './document.ts';
import { longestLimitMs } from './history.ts';
import type { MadeBackup } from './made-backup.ts';
import { notAsPromised } from './not-as-promised.ts';
import type { CrmAnswer } from './request.ts';

/** The clocks of the CRM, of its database and ours may differ by so much. */
export const clockToleranceMs = 5 * 60_000;

export interface Expected {
  backup: MadeBackup;
  /** False: it was there already, because the CRM made no new one. */
  isNew: boolean;
  /** Our clock before the CRM was first asked, milliseconds. */
  askedAtMs: number;
  nowMs: number;
}

/**
 * A download as a document that is the backup that was made.
 *
 * @throws IntegrityError naming what says otherwise
 */
export function checkDownload(
  { headers, bytes }: Pick<CrmAnswer, 'headers' | 'bytes'>,
  expected: Expected,
): CrmDocument {
  const { id, digest } = expected.backup;
  const found = headers.get('x-backup-id');
  if (found !== null && found !== id) throw otherBackup(found, id);
  const actual = createHash('sha256').update(bytes).digest();
  const own = /^sha256:[0-9a-f]{64}$/i.exec(headers.get('x-content-digest') ?? '')?.[0] ?? null;
  const hex = `sha256:${actual.toString('hex')}`;
  if ([digest, own, reprDigest(headers)].some((each) => each !== null && each.toLowerCase() !== hex)) {
    throw notAsPromised(
      'its bytes do not have the digest that the CRM promised',
      'the CRM’s backup is damaged',
    );
  }
  const document = readDocument(bytes, id);
  checkIdentity(document, expected);
  return document;
}

/** What tells a stale or another backup from the one just made, whatever the headers say. */
export function checkIdentity(document: CrmDocument, { backup, isNew, askedAtMs, nowMs }: Expected): void {
  const { timestampMs, tables } = document;
  const oldest = isNew ? askedAtMs : nowMs - longestLimitMs;
  const at = new Date(timestampMs).toISOString();
  if (timestampMs < oldest - clockToleranceMs) {
    throw notAsPromised(`its timestamp is ${at}, before it was asked for`, 'the CRM gave an old backup');
  }
  if (timestampMs > nowMs + clockToleranceMs) {
    throw notAsPromised(`its timestamp is ${at}, which is still to come`, 'the CRM’s clock is wrong');
  }
  if (backup.createdAtMs !== null && Math.abs(backup.createdAtMs - timestampMs) > clockToleranceMs) {
    const made = new Date(backup.createdAtMs).toISOString();
    throw notAsPromised(
      `its timestamp is ${at}, and backup ${backup.id} was made at ${made}`,
      'the CRM gave another backup',
    );
  }
  const rows = tables.get('enquiries')!.length;
  if (backup.enquiries !== null && backup.enquiries !== rows) {
    throw notAsPromised(`it holds ${rows} enquiries, and the CRM counted ${backup.enquiries}`);
  }
}

/** RFC 9530, as `sha256:` and hexadecimal; null when there is none for these bytes. */
function reprDigest(headers: Headers): string | null {
  if (headers.has('content-encoding')) return null;
  const found = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]+={0,2}):/.exec(headers.get('repr-digest') ?? '');
  return found ? `sha256:${Buffer.from(found[1]!, 'base64').toString('hex')}` : null;
}
