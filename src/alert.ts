import type { LoadedConfig } from './config/check.ts';
import type { DatabaseFacts } from './health/facts.ts';
import type { LedgerRecord } from './ledger/record.ts';
import { type Address, webhookOf } from './notify/addresses.ts';
import type { DatabaseHealth } from './notify/incident-text.ts';
import { tellByIssue } from './notify/issue.ts';
import {
  explainIssues,
  findIssue,
  type IssuePlace,
  type LabelledIssue,
  listLabelled,
} from './notify/labelled-issues.ts';
import type { Outside } from './notify/post.ts';
import { type AlertDeps, lastAlert, recordAlert, type TriedAlert } from './notify/record-alert.ts';
import { tellByWebhook } from './notify/webhook.ts';
import { openGithub } from './open-stores.ts';

export interface AlertOptions {
  health: { databases: readonly DatabaseHealth[] };
  facts: readonly DatabaseFacts[];
  /** Where issues are written; asked when it is needed, and may throw; null: no issues. */
  issues: (() => Promise<IssuePlace>) | null;
  /** Null: no webhook. */
  webhook: Address | null;
  /** Where the page is served; null when unknown. */
  siteUrl: string | null;
  outside?: Outside;
}

/** The configured channels. Issues are for runs of GitHub Actions, which know their repository. */
export function alertChannels(
  config: LoadedConfig,
  env: NodeJS.ProcessEnv,
): Pick<AlertOptions, 'issues' | 'webhook' | 'siteUrl'> {
  const isRun = env['GITHUB_ACTIONS'] === 'true';
  return {
    issues: config.alerts.issue && isRun ? () => openGithub(env, undefined, 'The issue') : null,
    webhook: webhookOf(config, env),
    siteUrl: config.publish['site-url'] ?? null,
  };
}

/**
 * Tells people what has changed in the health of each database since they were last told. Nothing that goes wrong is
 * thrown: an alert that was not sent is recorded, warned of, and tried again by the next run.
 *
 * @returns what was sent or could not be; empty when there was nothing to tell
 */
export async function alert(deps: AlertDeps, options: AlertOptions): Promise<TriedAlert[]> {
  let records: LedgerRecord[];
  try {
    records = (await deps.ledger.read()) ?? [];
  } catch (error) {
    deps.progress.warn(
      `Nobody was alerted, because the ledger could not be read: ${(error as Error).message}`,
    );
    return [];
  }
  const tried: (TriedAlert | null)[] = [];
  for (const verdict of options.health.databases)
    tried.push(await byWebhook(deps, records, verdict, options));
  const issues = options.issues && issueSender(deps, records, options.issues, options);
  for (const verdict of options.health.databases) tried.push((await issues?.(verdict)) ?? null);
  return tried.filter((each) => each !== null);
}

/** The ledger remembers what was last said, so that a state is told once. */
async function byWebhook(
  deps: AlertDeps,
  records: readonly LedgerRecord[],
  verdict: DatabaseHealth,
  options: AlertOptions,
): Promise<TriedAlert | null> {
  const { database, state } = verdict;
  const { webhook } = options;
  const before = lastAlert(records, database, 'webhook')?.state ?? 'good';
  if (webhook === null || before === state) return null;
  const event = before === 'good' ? 'opened' : state === 'good' ? 'closed' : 'updated';
  const about = { channel: 'webhook' as const, event, state, url: null } as const;
  return recordAlert(deps, { database, ...about }, async () => {
    await tellByWebhook(webhook(), verdict, contextOf(deps, options, database), options.outside);
    return about;
  });
}

function issueSender(
  deps: AlertDeps,
  records: readonly LedgerRecord[],
  placeOf: () => Promise<IssuePlace>,
  options: AlertOptions,
) {
  let listing: Promise<LabelledIssue[]> | null = null;
  return (verdict: DatabaseHealth): Promise<TriedAlert | null> => {
    const { database, state } = verdict;
    const last = lastAlert(records, database, 'issue');
    const isOpen = last !== null && last.event !== 'closed';
    const event = state === 'good' ? 'closed' : isOpen ? 'updated' : 'opened';
    const about = { channel: 'issue' as const, state, url: null };
    return recordAlert(deps, { database, event, ...about }, async () => {
      try {
        const place = await placeOf();
        listing ??= listLabelled(place);
        const issues = await withKnown(place, await listing, isOpen ? last.url : null);
        const news = await tellByIssue(place, issues, verdict, {
          ...contextOf(deps, options, database),
          now: deps.now,
          randomBytes: deps.randomBytes,
          ...(options.outside?.sleep ? { sleep: options.outside.sleep } : {}),
        });
        return news && { ...about, ...news };
      } catch (error) {
        const explained = explainIssues(error);
        if (state !== 'good' || isOpen) throw explained;
        // Nothing was to be said, as far as the ledger knows.
        deps.progress.warn(`Nobody looked for an open issue. ${(explained as Error).message}`);
        return null;
      }
    });
  };
}

/** The issue that the ledger knows is open may have lost its label. */
async function withKnown(
  place: IssuePlace,
  issues: LabelledIssue[],
  url: string | null,
): Promise<LabelledIssue[]> {
  const number = Number(/\/issues\/(\d+)$/.exec(url ?? '')?.[1]);
  if (!number || issues.some((issue) => issue.number === number)) return issues;
  const known = await findIssue(place, number);
  return known ? [...issues, known] : issues;
}

function contextOf(deps: AlertDeps, { facts, siteUrl }: AlertOptions, database: string) {
  return {
    facts: facts.find((each) => each.database === database) ?? null,
    links: { runUrl: deps.run.runUrl, siteUrl: siteUrl && `${siteUrl.replace(/\/+$/, '')}/` },
  };
}
