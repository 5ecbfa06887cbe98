import type { DatabaseHealth, IncidentContext } from './incident-text.ts';
import { type Outside, post } from './post.ts';
import { minute, newestGoodWords, pageLinks, stateWords } from './public-text.ts';

/** `{"text": …}` as Slack takes it, and Mattermost, Rocket.Chat, Zulip, and Discord below `/slack`. */

/** @throws ConfigError or StoreError without the address */
export async function tellByWebhook(
  address: string,
  verdict: DatabaseHealth,
  context: IncidentContext,
  outside: Outside = {},
): Promise<void> {
  const body = JSON.stringify({ text: webhookText(verdict, context) });
  await post('the webhook', address, { body, contentType: 'application/json' }, outside);
}

const marks = { good: ':white_check_mark:', warning: ':warning:', critical: ':x:' };

export function webhookText(verdict: DatabaseHealth, { facts, links }: IncidentContext): string {
  const { database, state, reasons } = verdict;
  const lines = [
    `${marks[state]} Backups of *${database}*: *${stateWords[state]}*`,
    ...reasons.map(({ state: gravity, text, since }) => {
      const when = since ? ` (since ${minute(since)})` : '';
      return `• ${stateWords[gravity]}: ${escaped(text)}${when}`;
    }),
    newestGoodWords(facts),
    pageLinks(links)
      .map(({ text, url }) => `${text}: ${url}`)
      .join(' · '),
  ];
  return lines.filter(Boolean).join('\n');
}

/** The three characters that mean something to Slack: with them, a text could call a whole channel. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
