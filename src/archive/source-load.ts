import { z } from 'zod';

/**
 * What a backup asked of its server, for whoever answers for that server. Part of the receipt.
 */
export const sourceLoadSchema = z.strictObject({
  /** That read rows; beside them one held the snapshot, and at times one read the schema. */
  connections: z.int().positive(),
  /** The limit of bytes in a second; null when there was none. */
  bytesPerSecond: z.int().positive().nullable(),
  /** How long it waited for locks that others held. */
  lockWaitMs: z.int().nonnegative(),
  /**
   * How long one snapshot was held, and ACCESS SHARE on every table with it: so long VACUUM could not remove newer dead
   * rows, and DDL had to wait.
   */
  snapshotMs: z.int().nonnegative(),
});

export type SourceLoad = z.infer<typeof sourceLoadSchema>;
