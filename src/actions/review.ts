import { publishReview } from '../notify/review-issue.ts';
import { chosenDatabases, forDatabase, policiesOf } from '../open.ts';
import { openGithub } from '../open-stores.ts';
import { review } from '../review.ts';
import { flag } from './inputs.ts';
import { runAction } from './run.ts';

/** `actions/review`: the quarterly review of retention, as an issue. */

await runAction({
  title: 'Retention review',
  writes: false,
  inputs: { issue: flag },
  async run({ inputs, config, deps, env, output, summarise }) {
    output('status', 'failed');
    const chosen = chosenDatabases(config, inputs.database ? { database: inputs.database } : {});
    const databases = chosen.map((database) => ({
      database,
      stores: forDatabase(deps, config, database).stores,
    }));
    const { reviews, markdown, issueUrl } = await review(deps, {
      databases,
      policyOf: policiesOf(config),
      publish: async (text) => {
        if (!inputs.issue) return null;
        const place = await openGithub(env, undefined, 'The issue');
        return publishReview(place, text, { databases: chosen, now: deps.now() });
      },
    });
    const sum = (of: (each: (typeof reviews)[number]) => number) =>
      reviews.reduce((total, each) => total + of(each), 0);
    const [kept, deletable] = [sum((each) => each.kept), sum((each) => each.deletable)];
    output('kept', kept);
    output('deletable', deletable);
    output('issue-url', issueUrl);
    summarise({
      verdict: `Retention: ${kept} kept, ${deletable} would be deleted`,
      mark: 'ℹ️',
      rows: [],
      // GitHub refuses a summary of more than a megabyte.
      blocks: [markdown.slice(0, 900_000)],
      links: issueUrl ? [{ text: 'Issue', url: issueUrl }] : [],
    });
    output('status', 'succeeded');
  },
});
