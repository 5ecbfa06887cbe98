import { z } from 'zod';
import { deadlinesOf } from './deadlines.ts';
import { type Status, statusSchema } from './status.ts';

/**
 * `status.json`: the verdict, what it rests on, and when it ends. Small, because open pages fetch it every few minutes.
 * `docs/status-json.md` describes it; a test holds the two together.
 */

const { version, generatedAt, lastGoodAt, lateAfter, criticalAfter, health, policy, facts } =
  statusSchema.shape;
const summary = statusSchema.shape.databases.element.pick({
  database: true,
  nextRunDue: true,
  holdings: true,
});

export const publicStatusSchema = z.strictObject({
  version,
  generatedAt,
  lastGoodAt,
  lateAfter,
  criticalAfter,
  health,
  policy,
  facts,
  databases: z.array(summary.extend({ lastGoodAt, lateAfter, criticalAfter })),
});

export type PublicStatus = z.infer<typeof publicStatusSchema>;

export function publicStatus(status: Status): PublicStatus {
  const { version, generatedAt, lastGoodAt, lateAfter, criticalAfter, health, policy, facts } = status;
  return {
    version,
    generatedAt,
    lastGoodAt,
    lateAfter,
    criticalAfter,
    health,
    policy,
    facts,
    databases: status.databases.map(({ database, nextRunDue, holdings }) => ({
      database,
      ...deadlinesOf(
        facts.filter((each) => each.database === database),
        policy,
      ),
      nextRunDue,
      holdings,
    })),
  };
}
