import { z } from 'zod';

/** The words and shapes that every part of a ledger record is made of. */

/** The four rungs of proof, lowest first. */
export const rungs = ['stored', 'intact', 'readable', 'restored'] as const;
export type Rung = (typeof rungs)[number];

export const instant = z.iso.datetime({ precision: 3 }).describe('UTC, milliseconds, ending in Z');
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
export const databaseName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    'lower-case letters, digits and inner hyphens, at most 40',
  );
/** `<database>-<UTC snapshot time>-<4 random base32>` */
export const backupId = z.string().regex(/^[a-z0-9-]{1,40}-\d{8}T\d{6}Z-[a-z2-7]{4}$/);
export const count = z.int().nonnegative();
/** What started an attempt. */
export const triggerText = z.string().regex(/^[\w .:/-]{1,64}$/);
/** Words of a person who is told that they are published: one line, no control characters. */
export const publicWords = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'one line of at most 200 characters');

/** Trigger of the backup that a restore takes of its target before it replaces anything. */
export const preRestoreTrigger = 'pre-restore';
/** Trigger of the backup that a restore takes afterwards of a target that is not the database itself. */
export const otherTargetTrigger = 'restore-target';

/** Trigger of the backup that a restore takes afterwards of the database itself. */
export const postRestoreTrigger = 'post-restore';

/** Whether a backup belongs to the regular rhythm of its database, and may be what `latest` means. */
export function isRegularTrigger(trigger: string): boolean {
  return trigger !== preRestoreTrigger && trigger !== otherTargetTrigger;
}
