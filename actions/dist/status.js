import { alert, alertChannels, flag, runAction, stateWords, status, statusSettings, text } from "./shared.js";
import { resolve } from "node:path";

// src/actions/status.ts
/** `actions/status`: evaluates the ledger, writes status.json, and tells people when health has changed. */
const marks = {
	good: "✅",
	warning: "⚠️",
	critical: "❌"
};
await runAction({
	title: "Status",
	writes: false,
	inputs: {
		out: text,
		alert: flag
	},
	async run({ inputs, config, deps, env, output, summarise }) {
		const outDir = inputs.out ? resolve(env["GITHUB_WORKSPACE"] ?? ".", inputs.out) : null;
		output("health", "critical");
		const { health, facts } = await status(deps, {
			...statusSettings(config),
			outDir,
			site: false
		});
		output("health", health.state);
		output("valid-until", health.validUntil);
		output("status-file", outDir && resolve(outDir, "status.json"));
		output("report", JSON.stringify(health));
		const told = inputs.alert ? await alert(deps, {
			health,
			facts,
			...alertChannels(config, env)
		}) : [];
		summarise({
			verdict: stateWords[health.state],
			mark: marks[health.state],
			rows: [...health.reasons.map((reason) => [`${reason.state}: ${reason.database ?? "all"}`, reason.text]), ...told.map(({ database, channel, event, problem }) => [`${channel} about ${database}`, problem === null ? event : "could not be sent, see the log"])],
			links: told.flatMap(({ database, url }) => url ? [{
				text: `Issue about ${database}`,
				url
			}] : [])
		});
	}
});

export {  };