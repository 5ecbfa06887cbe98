import type { Status } from '../../src/health/status.ts';
import { escapeXml } from './badge.ts';
import { span, utc } from './format.ts';
import { verdictOf } from './status.ts';
import { reasonText } from './verdict-words.ts';
import { t } from './words/index.ts';

interface Entry {
  id: string;
  updated: string;
  title: string;
  link: string;
  text: string;
}

const newest = 50;

/** Incidents and restore tests as an Atom feed (RFC 4287), newest first; an incident is told anew when it is over. */
export function atomFeed(status: Status, link: (path: string) => string): string {
  const entries = status.databases
    .flatMap((database) => [
      ...database.incidents.map((incident) => incidentEntry(incident, status)),
      ...database.restoreTests.map((test) => testEntry(test, database.database)),
    ])
    .sort((a, b) => (a.updated < b.updated ? 1 : -1))
    .slice(0, newest);
  const self = link('atom.xml');
  return `${[
    '<?xml version="1.0" encoding="utf-8"?>',
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${t.lang}">`,
    ` <id>${escapeXml(status.site.url ?? 'urn:holdfast:feed')}</id>`,
    ` <title>Holdfast: ${escapeXml(t.feed.title)}</title>`,
    ` <updated>${status.generatedAt}</updated>`,
    ' <author><name>Holdfast</name></author>',
    ` <link rel="self" type="application/atom+xml" href="${escapeXml(self)}"/>`,
    ` <link rel="alternate" type="text/html" href="${escapeXml(link(''))}"/>`,
    ...entries.map((entry) => entryXml(entry, link)),
    '</feed>',
  ].join('\n')}\n`;
}

function entryXml({ id, updated, title, link: path, text }: Entry, link: (path: string) => string): string {
  return [
    ' <entry>',
    `  <id>urn:holdfast:${escapeXml(id)}</id>`,
    `  <updated>${updated}</updated>`,
    `  <title>${escapeXml(title)}</title>`,
    `  <link rel="alternate" type="text/html" href="${escapeXml(link(path))}"/>`,
    `  <content type="text">${escapeXml(text)}</content>`,
    ' </entry>',
  ].join('\n');
}

function incidentEntry(incident: Status['databases'][number]['incidents'][number], status: Status): Entry {
  const { id, database, from, to, state, causes } = incident;
  const since = { database, since: null };
  const reasons = causes.map((cause) =>
    reasonText({ ...cause, ...since } as Parameters<typeof reasonText>[0], status.policy, 1),
  );
  const end = to === null ? t.incidents.ongoing : t.feed.ended(span(Date.parse(to) - Date.parse(from)));
  return {
    id: `incident:${id}`,
    updated: to ?? from,
    title: t.feed.began(t.states[state], database),
    link: `incidents/#${id}`,
    text: [`${utc(from)}.`, ...reasons, end].join(' '),
  };
}

function testEntry(test: Status['databases'][number]['restoreTests'][number], database: string): Entry {
  const verdict = t.receipt.verdicts[verdictOf(test)];
  const { result } = test;
  return {
    id: `restore-test:${test.id}`,
    updated: test.finishedAt,
    title: t.feed.test(database, verdict),
    link: `restore-tests/${test.id}/`,
    text: result
      ? t.receipt.compared(result.rows.toLocaleString(t.numbers), result.tables, result.tablesDifferent)
      : `${t.receipt.reason}: ${test.reason ?? t.receipt.unknown}.`,
  };
}
