import { ConfigError, backupWithHeartbeat, copyNewestMissing, counted, duration, explainAnomaly, forEachDatabase, formatBytes, formatDuration, reasonNotDue, runAction, sizeChart, takeBackup, text } from "./shared.js";

// src/actions/backup.ts
/** `actions/backup`: takes a backup of a database, or of each. */
await runAction({
	title: "Backup",
	writes: true,
	inputs: {
		trigger: text,
		"if-older-than": text
	},
	async run(context) {
		const { inputs, config, env, details, output, summarise, info, dispatchType } = context;
		const olderThanMs = inputs["if-older-than"] === void 0 ? null : parseDuration(inputs["if-older-than"]);
		const report = [];
		output("status", "failed");
		let taken = null;
		let isInside = false;
		await forEachDatabase(context, null, async (database, all) => {
			const deps = inputs.trigger ? {
				...all,
				run: {
					...all.run,
					trigger: inputs.trigger
				}
			} : all;
			const skip = await reasonNotDue(deps, database, {
				olderThanMs,
				event: dispatchType
			});
			if (skip) {
				info(`${database}: skipped, ${skip}`);
				summarise({
					verdict: `${database}: no backup needed`,
					mark: "ℹ️",
					rows: [["reason", skip]]
				});
				report.push({
					database,
					status: "skipped",
					reason: skip
				});
				return;
			}
			const result = await backupWithHeartbeat(deps, {
				config,
				database,
				env
			}, () => takeBackup(deps, config, database, env, { nameTables: details }));
			if ("inDatabase" in result) {
				isInside = true;
				report.push({
					status: "in-database",
					...result
				});
				const { at } = result.inDatabase;
				const verdict = `${database}: backed up inside its own database only; no copy has left it`;
				summarise({
					verdict,
					mark: "⚠️",
					rows: [["made", at]]
				});
				return;
			}
			taken = result;
			await copyNewestMissing(deps, database);
			report.push({
				database,
				status: "succeeded",
				...result
			});
			const chart = sizeChart(await deps.ledger.read() ?? [], database);
			summarise(describe(database, result, deps.stores.length, chart));
			output("backup-id", result.id);
			output("size-bytes", result.receipt.archive.sizeBytes);
			output("rows", result.receipt.rows);
			output("tables", result.receipt.tables);
			output("digest", result.receipt.archive.digest);
			output("content-root", result.receipt.contentRoot);
			output("anomaly", result.anomaly?.verdict ?? null);
			output("stores", result.copies.map(({ store }) => store).join(","));
		}).finally(() => output("report", JSON.stringify(report)));
		output("status", taken ? "succeeded" : isInside ? "in-database" : "skipped");
	}
});
function parseDuration(given) {
	const parsed = duration.safeParse(given);
	if (parsed.success) return parsed.data;
	throw new ConfigError("Input \"if-older-than\" is a time such as 90s, 30m, 18h or 2d. Nothing was read or written.", { publicReason: "an input is not valid" });
}
function describe(database, result, stores, chart) {
	const { id, receipt, copies, failedStores, anomaly } = result;
	const isUnusual = anomaly?.verdict === "quarantine" || anomaly?.verdict === "warning";
	const but = anomaly?.verdict === "quarantine" ? ", and in quarantine" : failedStores.length > 0 ? ", but not everywhere" : "";
	return {
		verdict: `${database}: backed up${but}`,
		mark: isUnusual || but ? "⚠️" : "✅",
		rows: [
			["backup", id],
			["snapshot", receipt.snapshotAt],
			["rows", `${receipt.rows.toLocaleString("en")} in ${counted(receipt.tables, "table")}`],
			["size", `${formatBytes(receipt.rawBytes)} of rows, ${formatBytes(receipt.archive.sizeBytes)} stored`],
			["took", formatDuration(receipt.durationMs)],
			["copies", `${copies.map(({ store }) => store).join(", ")} (${copies.length} of ${stores})`],
			...failedStores.map(({ store }) => ["no copy", store]),
			["encrypted", receipt.recipients ? `to ${receipt.recipients.length} recipients` : "no"],
			...(anomaly ? explainAnomaly(anomaly) : []).map((line) => ["unusual", line]),
			["content root", receipt.contentRoot],
			["digest", receipt.archive.digest]
		],
		blocks: chart ? [chart] : []
	};
}

export {  };