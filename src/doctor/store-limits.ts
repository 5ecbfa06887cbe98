import { formatBytes } from '../lib/format.ts';
import { checkRetention } from '../retention/check.ts';
import type { RetentionPolicy } from '../retention/policy.ts';
import { refuseClamping } from '../store/artifact-limits.ts';
import type { UnfinishedUpload } from '../store/s3-unfinished.ts';
import type { Store } from '../store/store.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Whether a store can keep what the rules of retention ask for. */
export function checkStoreRetention(
  about: string,
  { name, kind, capabilities }: Store,
  policy: RetentionPolicy,
  env: NodeJS.ProcessEnv,
): Finding[] {
  if (kind === 'artifact' && capabilities.maxRetentionDays !== null)
    refuseClamping(name, capabilities.maxRetentionDays, Number(env['GITHUB_RETENTION_DAYS']));
  const refusal = checkRetention(policy, capabilities);
  if (refusal === null) return [ok(about, 'It can keep what the rules of retention ask for.')];
  return [
    problem(
      about,
      `By the rules ${refusal}`,
      'Give this store a retention of its own that asks for less, and keep the old backups in another store.',
    ),
  ];
}

/** A run takes six hours at most. */
const abandonedAfterMs = 24 * 3_600_000;

/** Uploads that nobody will end: their parts cost, and no listing shows them. */
export async function checkUnfinished(about: string, store: Store, now: number): Promise<Finding[]> {
  if (!hasUploads(store)) return [];
  const left = (await store.unfinishedUploads()).filter(
    ({ startedAt }) => now - Date.parse(startedAt) > abandonedAfterMs,
  );
  if (left.length === 0) return [ok(about, 'No upload was left unfinished.')];
  const sizeBytes = left.reduce((sum, each) => sum + (each.sizeBytes ?? 0), 0);
  return [
    warning(
      about,
      `${left.length} uploads were begun and never ended, the first at ${left[0]!.startedAt}; they hold ${formatBytes(sizeBytes)}.`,
      'Give the bucket a lifecycle rule that aborts incomplete multipart uploads after some days.',
    ),
  ];
}

function hasUploads(store: Store): store is Store & { unfinishedUploads(): Promise<UnfinishedUpload[]> } {
  return 'unfinishedUploads' in store;
}
