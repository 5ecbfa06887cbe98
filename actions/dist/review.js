import { chosenDatabases, flag, forDatabase, openGithub, policiesOf, publishReview, review, runAction } from "./shared.js";

// src/actions/review.ts
/** `actions/review`: the quarterly review of retention, as an issue. */
await runAction({
	title: "Retention review",
	writes: false,
	inputs: { issue: flag },
	async run({ inputs, config, deps, env, output, summarise }) {
		output("status", "failed");
		const chosen = chosenDatabases(config, inputs.database ? { database: inputs.database } : {});
		const databases = chosen.map((database) => ({
			database,
			stores: forDatabase(deps, config, database).stores
		}));
		const { reviews, markdown, issueUrl } = await review(deps, {
			databases,
			policyOf: policiesOf(config),
			publish: async (text) => {
				if (!inputs.issue) return null;
				const place = await openGithub(env, void 0, "The issue");
				return publishReview(place, text, {
					databases: chosen,
					now: deps.now()
				});
			}
		});
		const sum = (of) => reviews.reduce((total, each) => total + of(each), 0);
		const [kept, deletable] = [sum((each) => each.kept), sum((each) => each.deletable)];
		output("kept", kept);
		output("deletable", deletable);
		output("issue-url", issueUrl);
		summarise({
			verdict: `Retention: ${kept} kept, ${deletable} would be deleted`,
			mark: "ℹ️",
			rows: [],
			blocks: [markdown.slice(0, 9e5)],
			links: issueUrl ? [{
				text: "Issue",
				url: issueUrl
			}] : []
		});
		output("status", "succeeded");
	}
});

export {  };