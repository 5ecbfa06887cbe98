import type { ConnectionTarget } from '../postgres/connect.ts';
import type { CrmAddress } from './address.ts';
import { checkDownload, type Expected } from './check-download.ts';
import type { CrmDocument } from './document.ts';
import { requireSuccess } from './explain-answer.ts';
import { newestBackup, skippedAltogether } from './history.ts';
import { type MadeBackup, madeBackup } from './made-backup.ts';
import { notAsPromised } from './not-as-promised.ts';
import { type Patience, withPatience } from './passing.ts';
import { type CrmAnswer, type CrmRequest, send } from './request.ts';
import { newestStoredBackup, readStoredBackup } from './stored-row.ts';

/** A CRM that is asked for its backups. */
export interface CrmApi {
  address: CrmAddress;
  /** Its database, when that can be reached too: then its table is read instead of the download. */
  database: ConnectionTarget | null;
  patience: Patience;
  fetch: typeof fetch;
}

/** About one attempt. */
export interface CrmAttempt {
  /** Why a backup is taken, as the run says. */
  trigger: string;
  /** The same for all tries of one attempt, so that an answer that got lost costs no second backup. */
  idempotencyKey: string;
  now(): number;
  signal: AbortSignal;
}

/** What the CRM has made in its own database. */
export interface InsideCrm {
  backup: MadeBackup;
  /** Tries that it took. */
  requests: number;
  isNew: boolean;
  /** Our clock before the first of them, and after the last. */
  askedAtMs: number;
  answeredAtMs: number;
}

/** An answer to PATCH or a list; and a backup, for which PostgreSQL's limit of jsonb is 256 MB too. */
const [mostAnswerBytes, mostBackupBytes] = [4 << 20, 256 << 20];

/** The mission's events; every other backup is a scheduled one to the CRM, and free of its limits. */
const events = ['form_submission', 'enquiry_update', 'critical_operation'];

/**
 * Has the CRM make a backup. Where it makes none because of a limit of its own, the newest of the last hour is taken.
 *
 * @throws ConfigError, SourceError or IntegrityError; nothing was stored then
 */
export async function makeInCrm(crm: CrmApi, attempt: CrmAttempt): Promise<InsideCrm> {
  const askedAtMs = attempt.now();
  const trigger = events.includes(attempt.trigger) ? attempt.trigger : 'scheduled';
  const { answer, requests } = await ask(crm, attempt, {
    method: 'PATCH',
    url: crm.address.backup,
    headers: { 'content-type': 'application/json', 'idempotency-key': attempt.idempotencyKey },
    body: JSON.stringify({ trigger }),
    maxBytes: mostAnswerBytes,
  });
  const made = madeBackup(jsonOf(answer));
  const isNew = made.kind === 'made';
  const backup = isNew ? made.backup : await newest(crm, attempt);
  if (backup === null) throw skippedAltogether(isNew ? null : made.nextAllowedAt);
  return { backup, requests, isNew, askedAtMs, answeredAtMs: attempt.now() };
}

/**
 * Brings what the CRM has made out of it, and checks that it is that.
 *
 * @throws ConfigError, SourceError or IntegrityError; the backup is in the CRM's database only then
 */
export async function bringOut(crm: CrmApi, attempt: CrmAttempt, inside: InsideCrm): Promise<CrmDocument> {
  const { backup, isNew, askedAtMs } = inside;
  const { id } = backup;
  const expected = (): Expected => ({ backup, isNew, askedAtMs, nowMs: attempt.now() });
  if (crm.database) {
    const bytes = await readStoredBackup(crm.database, id);
    return checkDownload({ bytes, headers: new Headers() }, expected());
  }
  const { answer } = await ask(crm, attempt, {
    method: 'GET',
    url: crm.address.download!(id),
    maxBytes: mostBackupBytes,
  });
  return checkDownload(answer, expected());
}

/** @returns null when there is none of the last hour, or no way to learn of it */
async function newest(crm: CrmApi, attempt: CrmAttempt): Promise<MadeBackup | null> {
  if (crm.database) return newestStoredBackup(crm.database);
  const { answer } = await ask(crm, attempt, {
    method: 'GET',
    url: crm.address.backup,
    maxBytes: mostAnswerBytes,
  });
  return newestBackup(jsonOf(answer), attempt.now());
}

/** One request, tried again while that may help. */
async function ask(
  { address, patience, fetch }: CrmApi,
  { now, signal }: CrmAttempt,
  request: CrmRequest,
): Promise<{ answer: CrmAnswer; requests: number }> {
  return withPatience(patience, signal, async (tried) => {
    const answer = await send(address, request, { fetch, signal });
    requireSuccess(answer, request.method, now(), address.apiKey);
    return { answer, requests: tried };
  });
}

function jsonOf({ bytes, url }: CrmAnswer): unknown {
  if (bytes.length === 0)
    throw notAsPromised(`the answer of ${url.pathname} is empty`, 'the CRM’s answer is empty');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw notAsPromised(
      `the answer of ${url.pathname} is no JSON, or was cut short`,
      'the CRM’s answer is damaged',
    );
  }
}
