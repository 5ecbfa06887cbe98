import { ConfigError, _enum, chosenDatabases, counted, describePlan, flag, forDatabase, parseIdentities, restore, restoreModes, runAction, sourceOptions, string, text, words } from "./shared.js";

// src/actions/restore.ts
/** `actions/restore`: puts a backup into a real database, or only plans it. */
await runAction({
	title: "Restore",
	writes: true,
	readsSource: false,
	inputs: {
		backup: string().min(1, "the id of a backup, or latest"),
		"target-url": string().min(1, "the URL of the target; is the secret set in this environment?"),
		mode: _enum(restoreModes),
		tables: words,
		"plan-only": flag,
		confirm: text,
		"target-name": text,
		identity: text,
		"replace-backups-table": flag,
		"trust-archive": flag
	},
	async run({ inputs, config, deps: all, env, details, output, summarise, info }) {
		output("status", "failed");
		const [database, another] = chosenDatabases(config, {
			...inputs.database ? { database: inputs.database } : {},
			id: inputs.backup
		});
		if (another) throw refused("The configuration has several databases.", "Say whose backup with database.");
		output("database", database);
		if (inputs.mode === "tables" && inputs.tables.length === 0) throw refused("Mode tables needs tables.", "Such as public.enquiries public.staff");
		const { target: _, ...backup } = sourceOptions(config, database, env, { needsSource: false });
		const confirm = async (plan) => {
			output("backup-id", plan.backupId);
			output("target-name", plan.target.databaseName);
			if (details) info(describePlan(plan));
			summarise(planSummary(plan, details));
			if (inputs["plan-only"]) return false;
			refuseUnconfirmed(inputs.confirm, inputs["target-name"], plan);
			return true;
		};
		const result = await restore(forDatabase(all, config, database), {
			database,
			id: inputs.backup,
			target: {
				url: inputs["target-url"],
				label: "the target"
			},
			mode: inputs.mode,
			tables: inputs.tables,
			identities: inputs.identity ? parseIdentities(inputs.identity) : null,
			keepBackupsTable: !inputs["replace-backups-table"],
			trustArchive: inputs["trust-archive"],
			confirm,
			backup
		});
		output("status", result.done ? "restored" : "planned");
		if (!result.done) return;
		const { before, after, rows, tables, contentRoot } = result.done;
		output("before", before);
		output("after", after);
		output("rows", rows);
		summarise({
			verdict: `${result.plan.backupId} is restored and proved equal`,
			mark: "✅",
			rows: [
				["rows", `${rows.toLocaleString("en")} in ${counted(tables, "table")}`],
				["backup taken before", before ?? "none: the target was empty"],
				["backup taken after", after ?? "failed: take one now"],
				["content root", contentRoot ?? "of these tables only"]
			]
		});
	}
});
/** @throws ConfigError unless the word was typed, and the target is the one that the plan was made for */
function refuseUnconfirmed(word, name, plan) {
	if (word !== "RESTORE") throw refused("The restore was not confirmed.", "Type RESTORE, in capitals, after you have read the plan.");
	if (name === void 0 || name !== plan.target.databaseName) throw refused("The target is not the database that was named.", "target-name is the name of the target database, as the plan shows it.");
}
function planSummary(plan, details) {
	const lost = plan.tables.filter(({ rowsNow, rowsAfter }) => (rowsNow ?? 0) > (rowsAfter ?? 0)).length;
	const gained = plan.tables.filter(({ rowsNow, rowsAfter }) => (rowsNow ?? 0) < (rowsAfter ?? 0)).length;
	return {
		verdict: "Restore plan: nothing has been changed yet",
		mark: "ℹ️",
		rows: [
			["backup", plan.backupId],
			["mode", plan.mode],
			["tables", `${plan.tables.length}: ${lost} with fewer rows afterwards, ${gained} with more`],
			["objects that vanish", String(plan.vanishing.length)],
			["sessions on the target", String(plan.sessions.length)]
		],
		blocks: details ? [`\`\`\`text\n${describePlan(plan).replaceAll("```", "'''")}\n\`\`\``] : []
	};
}
function refused(message, hint) {
	return new ConfigError(`${message} The target is as it was.`, {
		hint,
		publicReason: "the restore was not asked for properly"
	});
}

export {  };