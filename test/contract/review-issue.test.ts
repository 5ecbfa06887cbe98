import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishReview } from '../../src/notify/review-issue.ts';
import { placeOf } from '../support/alerts.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { failureOf } from '../support/pieces.ts';

let github: FakeGithub;
beforeEach(async () => {
  github = await startGithubApi();
});
afterEach(() => github.close());

const october = Date.parse('2026-10-02T06:11:00Z');
const publish = (markdown = 'What is kept.', databases = ['crm'], now = october) =>
  publishReview(placeOf(github), markdown, { databases, now });

test('a review is one issue a quarter, whatever has become of it', async () => {
  const url = await publish();
  expect(url).toBe('https://github.com/acme/backups/issues/1');
  Object.assign(github.repository.issues[0]!, { state: 'closed', title: 'done' });
  github.repository.issues[0]!.body =
    '<!-- holdfast retention-review {"quarter":"2026-Q4","databases":["crm"]} -->\n- [x] The rules still fit';
  expect(await publish('Other words.', ['crm'], Date.parse('2026-12-31T23:59:00Z'))).toBe(url);
  expect(github.repository.issues).toHaveLength(1);
  expect(github.repository.issues[0]!.body).toContain('- [x]');
  expect(await publish('What is kept.', ['crm'], Date.parse('2027-01-02T06:11:00Z'))).not.toBe(url);
  expect(github.repository.issues[1]).toMatchObject({
    title: 'Retention review 2027-Q1',
    labels: ['holdfast'],
  });
});

test('one of a single database does not stand for that of all, in whatever order', async () => {
  await publish('', ['crm']);
  await publish('', ['shop', 'crm']);
  await publish('', ['crm', 'shop']);
  expect(github.repository.issues).toHaveLength(2);
});

test('one that is longer than an issue can be is cut at a line, and says so', async () => {
  await publish('a line of sixteen\n'.repeat(6000));
  const { body } = github.repository.issues[0]!;
  expect(body.length).toBeLessThan(65_536);
  expect(body).toMatch(/a line of sixteen\n\n\*\*It is longer/);
});

test('one that cannot be published says why', async () => {
  github.repository.hasIssues = false;
  expect(await failureOf(publish())).toMatchObject({ name: 'ConfigError' });
});
