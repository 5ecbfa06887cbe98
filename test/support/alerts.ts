import { randomBytes } from 'node:crypto';
import { githubClient } from '../../src/github/client.ts';
import type { Reason } from '../../src/health/evaluate.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { recordSchema } from '../../src/ledger/record.ts';
import type { DatabaseHealth } from '../../src/notify/incident-text.ts';
import type { IssuePlace } from '../../src/notify/labelled-issues.ts';
import type { AlertDeps } from '../../src/notify/record-alert.ts';
import type { Permissions } from './github/route.ts';
import type { FakeGithub } from './github-api.ts';

/** Health as an alert is told of it, and what an alert needs. */

export const tooOld: Reason = {
  state: 'critical',
  code: 'backup-too-old',
  database: 'crm',
  text: 'No good backup for more than 24 hours.',
  since: '2026-11-22T02:00:00.000Z',
};
export const overdue: Reason = {
  state: 'warning',
  code: 'verify-overdue',
  database: 'crm',
  text: 'No backup was proved readable for more than 8 days.',
  since: null,
};

/** The verdict that these reasons make. */
export function verdict(reasons: readonly Reason[], database = 'crm'): DatabaseHealth {
  const state = reasons.some((reason) => reason.state === 'critical')
    ? 'critical'
    : reasons.length > 0
      ? 'warning'
      : 'good';
  return { database, state, reasons };
}

export function placeOf(github: FakeGithub, permissions: Permissions = { issues: 'write' }): IssuePlace {
  const octokit = githubClient({
    token: github.token(permissions),
    apiUrl: github.url,
    timeoutMs: 2000,
    sleep: async () => {},
  });
  return { octokit, owner: github.repository.owner, repo: github.repository.name };
}

/** A ledger in memory, which takes only what the schema allows, and what was warned of. */
export function alertDeps(now: () => number = Date.now) {
  const records: LedgerRecord[] = [];
  const warnings: string[] = [];
  const deps: AlertDeps = {
    now,
    randomBytes,
    ledger: {
      append: async (record) => void records.push(recordSchema.parse(record)),
      read: async () => records,
    },
    run: {
      trigger: 'schedule',
      intendedAt: null,
      runUrl: 'https://github.com/acme/backups/actions/runs/1',
      actor: null,
    },
    progress: {
      step: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
      warn: (text) => warnings.push(text),
    },
  };
  return { deps, records, warnings };
}
