import { readFileSync } from 'node:fs';
import type { RunContext } from '../deps.ts';
import { runUrlOf } from '../github/context.ts';
import { lastScheduled } from '../github/schedule.ts';

/** What the event of a run says that matters here. */
export interface RunEvent {
  run: RunContext;
  /** Null when the event doesn't say. */
  isPublicRepository: boolean | null;
  /** Of a `repository_dispatch`, such as `form_submission`; null otherwise. */
  dispatchType: string | null;
}

interface Payload {
  schedule?: unknown;
  action?: unknown;
  repository?: { private?: unknown };
}

/**
 * Reads the variables of the run and the event behind it.
 *
 * @param now milliseconds since the epoch
 */
export function readRun(env: NodeJS.ProcessEnv, now: number): RunEvent {
  const payload = readPayload(env['GITHUB_EVENT_PATH']);
  const event = env['GITHUB_EVENT_NAME'] ?? 'manual';
  const dispatchType =
    event === 'repository_dispatch' && typeof payload.action === 'string' ? payload.action : null;
  const trigger = dispatchType && /^[\w.-]{1,60}$/.test(dispatchType) ? dispatchType : event;
  return {
    run: {
      trigger,
      intendedAt: event === 'schedule' ? intendedAt(payload.schedule, now) : null,
      runUrl: runUrlOf(env),
      actor: env['GITHUB_ACTOR'] ?? null,
    },
    isPublicRepository: typeof payload.repository?.private === 'boolean' ? !payload.repository.private : null,
    dispatchType,
  };
}

function readPayload(file: string | undefined): Payload {
  if (!file) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** A schedule that can't be understood costs the measurement of lateness, and nothing else. */
function intendedAt(schedule: unknown, now: number): string | null {
  if (typeof schedule !== 'string') return null;
  try {
    const moment = lastScheduled(schedule, now);
    return moment === null ? null : new Date(moment).toISOString();
  } catch {
    return null;
  }
}
