import type { DatabaseFacts } from '../health/facts.ts';

/** Where a message leads; each null when it is not known. */
export interface Links {
  runUrl: string | null;
  /** Of the status page, ending in a slash. */
  siteUrl: string | null;
}

export const stateWords = { good: 'Good', warning: 'Warning', critical: 'Critical' } as const;

/** Words from the ledger, which anyone who can push to it may have written, must call nobody and be no markup. */
export function asMarkdown(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>#|~!]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('@', '@\u200b');
}

/** `2026-11-22 02:00 UTC` */
export function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

export function pageLinks({ runUrl, siteUrl }: Links): { text: string; url: string }[] {
  const links = [];
  if (runUrl) links.push({ text: 'Run', url: runUrl });
  if (siteUrl)
    links.push(
      { text: 'Status page', url: siteUrl },
      { text: 'Runbook', url: new URL('runbook/', siteUrl).href },
    );
  return links;
}

/** Says which backup there is to fall back on. */
export function newestGoodWords(facts: DatabaseFacts | null): string {
  const newest = facts?.newestGood;
  if (!newest) return 'There is no good backup.';
  return `The newest good backup is ${newest.id} of ${minute(newest.snapshotAt)}, proved ${newest.rung}.`;
}
