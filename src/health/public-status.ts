import { z } from 'zod';
import { type Status, statusSchema } from './status.ts';

/**
 * `status.json` of the published page: the verdict, what it rests on, and when it ends. A small part of the status
 * document, because open pages fetch it every few minutes. `docs/status-json.md` describes it; a test holds the two
 * together.
 */

const database = statusSchema.shape.databases.element.pick({
  database: true,
  lastGoodAt: true,
  lateAfter: true,
  criticalAfter: true,
  nextRunDue: true,
  holdings: true,
});

/** Takes the published fields out of a whole status document, and leaves out the others. */
export const publicStatusSchema = statusSchema
  .pick({
    version: true,
    generatedAt: true,
    lastGoodAt: true,
    lateAfter: true,
    criticalAfter: true,
    health: true,
    policy: true,
    facts: true,
  })
  .extend({ databases: z.array(database.strip()) })
  .strip();

export type PublicStatus = z.infer<typeof publicStatusSchema>;

export function publicStatus(status: Status): PublicStatus {
  return publicStatusSchema.parse(status);
}
