import { formatBytes } from '../lib/format.ts';
import type { RetentionPolicy } from './policy.ts';
import type { DatabaseReview, StoreReview } from './review-data.ts';

/**
 * The review as Markdown for an issue: public, so of names only those of the configuration and the ids of backups.
 *
 * @param at when it was made, ISO
 */
export function reviewText(reviews: readonly DatabaseReview[], at: string): string {
  const parts = [
    `Retention as of ${minute(at)}: what is kept, why, and what the rules would delete. Nothing was deleted for this review.`,
    ...reviews.map(databaseText),
    [
      '## To decide',
      '- [ ] The rules still fit what the business and the law ask for.',
      '- [ ] The holds are still needed: `holdfast hold ID --release` lets go of one.',
      '- [ ] What would be deleted may go: `holdfast prune --apply` deletes it.',
      '- [ ] Storage and its growth are as expected.',
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function databaseText({ database, stores, holds, months }: DatabaseReview): string {
  const held = holds.map(({ id, reason }) => `- \`${id}\`: ${plain(reason)}`);
  return [
    `## ${database}`,
    ...stores.map(storeText),
    `### Holds\n\n${held.length > 0 ? held.join('\n') : 'None.'}`,
    `### Growth\n\n${growthText(months)}`,
  ].join('\n\n');
}

function storeText(review: StoreReview): string {
  const { store, kind, backups, sizeBytes, oldestAt, newestAt, proved, deletable } = review;
  const freed = deletable.reduce((total, each) => total + each.sizeBytes, 0);
  const doubtful = [
    review.quarantined > 0 ? `${review.quarantined} in quarantine` : '',
    review.damaged > 0 ? `${review.damaged} damaged` : '',
    review.leftovers.length > 0 ? `${review.leftovers.length} left by runs that were killed` : '',
  ].filter(Boolean);
  const lines = [
    `### Store ${store} (${kind})`,
    `Rules: ${rulesText(review.policy)}.`,
    table(
      ['', ''],
      [
        ['Backups', `${backups}, ${formatBytes(sizeBytes)}`],
        ['Oldest', oldestAt ? minute(oldestAt) : 'none'],
        ['Newest', newestAt ? minute(newestAt) : 'none'],
        ['Proved readable', `${proved.readable}, of them restored in a test: ${proved.restored}`],
        ['Doubtful', doubtful.join(', ') || 'none'],
        ['Would be deleted', `${deletable.length}, ${formatBytes(freed)}`],
      ],
    ),
  ];
  if (review.keptBy.length > 0)
    lines.push(
      table(
        ['Kept because', 'Backups'],
        review.keptBy.map(({ reason, backups }) => [reason, String(backups)]),
      ),
    );
  if (deletable.length > 0)
    lines.push(
      table(
        ['Would be deleted', 'Because', 'Size'],
        deletable.map(({ id, reason, sizeBytes }) => [`\`${id}\``, reason, formatBytes(sizeBytes)]),
      ),
    );
  for (const { text } of review.refusals) lines.push(`**Pruning refuses:** ${plain(text)}`);
  return lines.join('\n\n');
}

function rulesText(policy: RetentionPolicy): string {
  const rules: [string, number][] = [
    ['keep-last', policy.keepLast],
    ['keep-days', policy.keepDays],
    ['keep-daily', policy.keepDaily],
    ['keep-weekly', policy.keepWeekly],
    ['keep-monthly', policy.keepMonthly],
    ['keep-yearly', policy.keepYearly],
    ['keep-verified', policy.keepVerified],
  ];
  return (
    rules
      .filter(([, value]) => value > 0)
      .map(([rule, value]) => `${rule} ${value}`)
      .join(', ') || 'only the newest good backup'
  );
}

function growthText(months: DatabaseReview['months']): string {
  const [first, last] = [months[0], months.at(-1)];
  if (!first || !last) return 'There is no backup yet.';
  const rows = months.map(({ month, backups, meanSizeBytes }) => [
    month,
    String(backups),
    formatBytes(meanSizeBytes),
  ]);
  const change = Math.round((last.meanSizeBytes / Math.max(1, first.meanSizeBytes) - 1) * 100);
  const summary =
    first === last
      ? ''
      : `\n\nFrom ${first.month} to ${last.month} an archive changed by ${change > 0 ? '+' : ''}${change} %.`;
  return `${table(['Month', 'Backups', 'Mean size'], rows)}${summary}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

/** Words of a person must neither break a table nor call anybody. */
function plain(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('@', '@\u200b');
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}
