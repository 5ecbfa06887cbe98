import { formatBytes } from '../../lib/format.ts';
import {
  bringOut,
  type CrmApi,
  type CrmAttempt,
  type InsideCrm,
  makeInCrm,
} from '../../source/crm-api/carry.ts';
import type { Dump } from '../dump.ts';
import type { OpenSource, SourceContext } from '../source.ts';
import { inferredMajor, inferTables } from './inferred-schema.ts';
import { writeDocument } from './write-document.ts';

/** A CRM that is asked for a backup, as a source of dumps. */
export function openCrm(crm: CrmApi): OpenSource {
  return async (context): Promise<Dump> => {
    const attempt = attemptOf(context);
    const inside = await makeInCrm(crm, attempt);
    context.onMadeInDatabase(describeInside(inside));
    const document = await bringOut(crm, attempt, inside);
    const inferred = inferTables(document);
    // The earlier of two clocks: a backup is never called newer than it is.
    const takenAt = Math.min(document.timestampMs, inside.answeredAtMs);
    return {
      source: 'crm-api',
      label: `backup ${inside.backup.id} of the CRM, ${formatBytes(document.bytes.length)} of JSON`,
      requests: inside.requests,
      snapshot: { takenAt },
      catalog: { notCarried: [] },
      serverMajor: inferredMajor,
      expectedBytes: document.bytes.length,
      writeTo: (archive, identity, onProgress) =>
        writeDocument({ document, inferred, takenAt }, archive, identity, onProgress),
      [Symbol.asyncDispose]: async () => {},
    };
  };
}

/** The CRM makes a backup, and it stays inside: for a CRM that has no way to bring it out. */
export async function makeInside(
  crm: CrmApi,
  context: SourceContext,
): Promise<{ id: string; sizeBytes: number | null; enquiries: number | null }> {
  const inside = await makeInCrm(crm, attemptOf(context));
  context.onMadeInDatabase(describeInside(inside));
  return inside.backup;
}

function attemptOf({ now, randomBytes, signal, trigger }: SourceContext): CrmAttempt {
  const idempotencyKey = `holdfast-${Buffer.from(randomBytes(16)).toString('hex')}`;
  return { now, signal, trigger, idempotencyKey };
}

function describeInside({ backup, answeredAtMs }: InsideCrm) {
  return { at: new Date(answeredAtMs).toISOString(), sizeBytes: backup.sizeBytes };
}
