import { ConfigError, HoldfastError, StoreError } from '../lib/errors.ts';

const outOfRoom: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EIO: 'the disk reports an error',
};

const mistakes: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a file stands where a folder belongs',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'it is a mounted disk itself; name a folder inside it',
  ENOTEMPTY: 'something else was put there meanwhile',
  EEXIST: 'something else was put there meanwhile',
};

/** What a system error of writing an export means to the person who asked for it; anything else as it is. */
export function explainWriting(error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof HoldfastError || !code || !syscall) return error;
  const isRoom = code in outOfRoom;
  const reason = outOfRoom[code] ?? mistakes[code] ?? code;
  return new (isRoom ? StoreError : ConfigError)(`The export could not be written: ${reason}.`, {
    hint: 'Nothing half-written was left, and the backup is untouched. Name another place with --out, or mend this one.',
    publicReason: `an export could not be written: ${reason}`,
    cause: error,
  });
}
