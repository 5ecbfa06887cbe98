import { counted, flag, forEachDatabase, parseIdentities, runAction, text, verify } from "./shared.js";

// src/actions/verify.ts
/** `actions/verify`: reads backups back from their stores and checks them. */
await runAction({
	title: "Verification",
	writes: false,
	inputs: {
		backup: text,
		all: flag,
		identity: text
	},
	async run(context) {
		const { inputs, output, summarise } = context;
		const identities = inputs.identity ? parseIdentities(inputs.identity) : null;
		const checked = [];
		output("status", "failed");
		try {
			await forEachDatabase(context, inputs.backup ?? null, async (database, deps) => {
				const options = {
					database,
					id: inputs.backup ?? "latest",
					all: inputs.all,
					identities
				};
				try {
					checked.push(...(await verify(deps, options)).checked);
				} catch (error) {
					checked.push(...error.checked ?? []);
					throw error;
				}
			});
		} finally {
			output("rung", checked.length === 1 ? checked[0].rung ?? "" : "");
			output("checked", checked.length);
			output("damaged", checked.filter(({ problem }) => problem !== null).length);
			output("report", JSON.stringify(context.details ? checked : checked.map(({ problem: _, ...rest }) => rest)));
			const isSound = checked.length > 0 && checked.every(({ problem }) => problem === null);
			summarise({
				verdict: isSound ? `${counted(checked.length, "copy", "copies")} verified` : "Not every copy is sound",
				mark: isSound ? "✅" : "❌",
				rows: checked.map(({ id, store, rung, problem }) => [[id, store].filter(Boolean).join(" in "), problem === null ? rung ?? "" : `failed${rung ? `; ${rung} held` : ""}`])
			});
		}
		output("status", "succeeded");
	}
});

export {  };