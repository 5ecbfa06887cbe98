import { isMaking, type LedgerRecord } from '../ledger/record.ts';

/** In which run of GitHub Actions a backup was put into a store of artifacts. */
export interface ArtifactOrigin {
  id: string;
  /** Null when the ledger does not know, as after a rebuild. */
  runId: number | null;
}

/**
 * What a ledger says of the backups that a store of artifacts was given, by the backup itself or copied later.
 * The run matters: anyone's pull request can upload an artifact of the same name, but not in that run.
 *
 * @param repository `owner/name`; runs of other repositories are not looked for here
 */
export function artifactIndex(
  records: readonly LedgerRecord[],
  store: string,
  repository: string,
): ArtifactOrigin[] {
  return records.flatMap((record) => {
    if (record.outcome !== 'succeeded' || record.backupId === null) return [];
    const isHere = isMaking(record)
      ? record.result?.copies.some((copy) => copy.store === store)
      : record.verb === 'copy' && record.result?.copy.store === store;
    return isHere ? [{ id: record.backupId, runId: runIdOf(record.runUrl, repository) }] : [];
  });
}

function runIdOf(runUrl: string | null, repository: string): number | null {
  const [, owner, name, runId] =
    /^https?:\/\/[^/]+\/([^/]+)\/([^/]+)\/actions\/runs\/(\d+)/.exec(runUrl ?? '') ?? [];
  return `${owner}/${name}`.toLowerCase() === repository.toLowerCase() ? Number(runId) : null;
}
