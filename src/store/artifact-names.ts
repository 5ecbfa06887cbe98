import { objectKeys } from '../archive/backup-id.ts';

/**
 * Names of artifacts: a backup's id for its archive (with `.tar` when it is in clear), `<id>.receipt.json` for its
 * receipt. Any other key is percent-encoded and so has a `%2F`, which no name of the former kind has.
 */

const ours = /^(([a-z0-9-]{1,40})-\d{8}T\d{6}Z-[a-z2-7]{4})(\.tar|\.receipt\.json)?$/;

/** Parts of a path that name another folder, or none. No key of ours has them. */
const wayElsewhere = /(^|\/)\.{0,2}(\/|$)/;

export function artifactNameOf(key: string): string {
  const [, id, file] = key.split('/');
  const ending = { 'archive.tar.age': '', 'archive.tar': '.tar', 'receipt.json': '.receipt.json' }[
    file ?? ''
  ];
  const name = `${id}${ending}`;
  if (ending !== undefined && keyOfArtifact(name) === key) return name;
  // `*` is the one character that is left as it is and that artifacts may not have.
  return encodeURIComponent(key.includes('/') ? key : `/${key}`).replaceAll('*', '%2A');
}

/** Null when the artifact is none of ours. Two names are never one key: another spelling of a key is no artifact of ours. */
export function keyOfArtifact(name: string): string | null {
  const [, id, database, ending] = ours.exec(name) ?? [];
  if (id && database) {
    const keys = objectKeys(database, id, ending !== '.tar');
    return ending === '.receipt.json' ? keys.receipt : keys.archive;
  }
  if (!name.includes('%2F')) return null;
  try {
    const key = decodeURIComponent(name).replace(/^\//, '');
    return artifactNameOf(key) === name && !wayElsewhere.test(key) ? key : null;
  } catch {
    return null;
  }
}

/** The id of the backup that a key or an artifact's name belongs to; null for any other. */
export function backupIdIn(name: string): string | null {
  return ours.exec(name)?.[1] ?? null;
}

/** All names that a backup may have in this store. */
export function artifactNamesOf(id: string): string[] {
  return [id, `${id}.tar`, `${id}.receipt.json`];
}
