import { flag, forEachDatabase, formatBytes, policiesOf, prune, runAction } from "./shared.js";

// src/actions/prune.ts
/** `actions/prune`: deletes what no rule of retention keeps, or says what it would delete. */
/** Backups that the summary names. */
const shown = 30;
await runAction({
	title: "Pruning",
	writes: false,
	inputs: {
		apply: flag,
		"allow-large": flag
	},
	async run(context) {
		const { inputs, config, output, summarise } = context;
		const report = [];
		output("status", "failed");
		try {
			await forEachDatabase(context, null, async (database, deps) => {
				const tell = (pruned) => {
					report.push(...pruned.map((each) => ({
						database,
						...each
					})));
					for (const each of pruned) summarise(describe(database, each, inputs.apply));
				};
				try {
					tell(await prune(deps, {
						database,
						policyOf: policiesOf(config),
						apply: inputs.apply,
						allowLarge: inputs["allow-large"]
					}));
				} catch (error) {
					tell(error.pruned ?? []);
					throw error;
				}
			});
		} finally {
			const deleted = (each) => inputs.apply ? each.deleted.length : each.plan.delete.length;
			output("deleted", sum(report.map(deleted)));
			output("kept", sum(report.map(({ plan, deleted: { length } }) => plan.keep.length + plan.delete.length * Number(inputs.apply) - length)));
			output("report", JSON.stringify(report));
		}
		output("status", inputs.apply ? "pruned" : "planned");
	}
});
function describe(database, pruned, applied) {
	const { store, plan, deleted, freedBytes, refusals, notes, problem } = pruned;
	const going = plan.delete.slice(0, shown).map(({ id, reason }) => [id, reason]);
	const done = applied ? `${deleted.length} deleted, ${formatBytes(freedBytes)} freed` : `${plan.delete.length} would go`;
	return {
		verdict: `${database} in ${store}: ${problem ? "not pruned as planned" : done}`,
		mark: problem ? "❌" : applied ? "✅" : "ℹ️",
		rows: [
			["kept", String(plan.keep.length)],
			...refusals.map(({ text }) => ["refused", text]),
			...notes.map((note) => ["note", note]),
			...going
		]
	};
}
function sum(numbers) {
	return numbers.reduce((total, each) => total + each, 0);
}

export {  };