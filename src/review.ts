import type { Deps } from './deps.ts';
import { recordAttempt } from './ledger/attempt.ts';
import { type Assessment, assess } from './retention/assess.ts';
import type { RetentionPolicy } from './retention/policy.ts';
import { type DatabaseReview, reviewOf } from './retention/review-data.ts';
import { reviewText } from './retention/review-text.ts';
import type { Store } from './store/store.ts';

export interface ReviewOptions {
  /** Each with the stores that take its backups. */
  databases: readonly { database: string; stores: readonly Store[] }[];
  policyOf(store: Store): RetentionPolicy;
  /** Publishes the review and returns its address; null when it was only printed. */
  publish(markdown: string): Promise<string | null>;
}

export interface ReviewResult {
  reviews: DatabaseReview[];
  markdown: string;
  /** Where it was published; null when it was not. */
  issueUrl: string | null;
}

/**
 * The quarterly review of retention: what each store keeps of each database and why, in one text for all. It deletes
 * nothing. Each database gets its record, also when the review failed.
 *
 * @throws StoreError when a store can't be listed: a review that leaves one out would look complete; what `publish` throws
 */
export async function review(deps: Omit<Deps, 'stores'>, options: ReviewOptions): Promise<ReviewResult> {
  const work = lookAndPublish(deps, options);
  let failure: unknown = null;
  for (const { database } of options.databases) {
    const recorded = recordAttempt(deps, { verb: 'review', database }, async (notes) => {
      const { reviews, issueUrl } = await work;
      const { kept, deletable } = reviews.find((each) => each.database === database)!;
      notes.result = { kept, deletable, issueUrl };
    });
    await recorded.catch((error) => {
      failure ??= error;
    });
  }
  if (failure) throw failure;
  return work;
}

async function lookAndPublish(deps: Omit<Deps, 'stores'>, options: ReviewOptions): Promise<ReviewResult> {
  const records = await deps.ledger.read();
  const reviews: DatabaseReview[] = [];
  for (const { database, stores } of options.databases) {
    const assessments: Assessment[] = [];
    for (const store of stores) {
      const about = {
        database,
        records,
        policy: options.policyOf(store),
        now: deps.now(),
        allowLarge: false,
      };
      assessments.push(await assess(store, about));
    }
    reviews.push(reviewOf(database, assessments, records ?? []));
  }
  const markdown = reviewText(reviews, new Date(deps.now()).toISOString());
  return { reviews, markdown, issueUrl: await options.publish(markdown) };
}
