import { forEachDatabase, formatDuration, parseIdentities, restoreTest, rowsInTables, runAction, text } from "./shared.js";

// src/actions/restore-test.ts
/** `actions/restore-test`: rebuilds a backup in a scratch database and compares every row. */
await runAction({
	title: "Restore test",
	writes: false,
	inputs: {
		backup: text,
		"scratch-url": text,
		identity: text
	},
	async run(context) {
		const { inputs, output, summarise } = context;
		const url = inputs["scratch-url"];
		output("status", "failed");
		const report = [];
		await forEachDatabase(context, inputs.backup ?? null, async (database, deps) => {
			const result = await restoreTest(deps, {
				database,
				id: inputs.backup ?? "latest",
				scratch: url ? {
					kind: "url",
					url
				} : { kind: "embedded" },
				identities: inputs.identity ? parseIdentities(inputs.identity) : null
			});
			const { comparison } = result;
			output("backup-id", result.id);
			output("rows", comparison.rows);
			output("tables", comparison.tables);
			output("restore-duration-ms", result.restoreDurationMs);
			output("compare-duration-ms", result.compareDurationMs);
			output("content-root", comparison.contentRoot.actual);
			const { differences, verdict } = comparison.schema;
			report.push({
				database,
				...result,
				comparison: {
					...comparison,
					schema: {
						verdict,
						differences: differences.length
					}
				}
			});
			summarise(describe(database, result, context.details));
		}).finally(() => output("report", JSON.stringify(report)));
		output("status", "succeeded");
	}
});
function describe(database, result, details) {
	const { id, store, comparison, restoreDurationMs, compareDurationMs } = result;
	const { rows, tables, schema, contentRoot } = comparison;
	const explained = details ? schema.differences.map(({ key, explanation }) => [`explained: ${key}`, explanation ?? ""]) : [];
	return {
		verdict: `${database}: restores, every row equal`,
		mark: "✅",
		rows: [
			["backup", `${id} from ${store}`],
			["compared", rowsInTables(rows, tables)],
			["schema", schema.verdict],
			["restored in", formatDuration(restoreDurationMs)],
			["compared in", formatDuration(compareDurationMs)],
			["content root", contentRoot.actual],
			...explained
		]
	};
}

export {  };