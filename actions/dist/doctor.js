import { ConfigError, chosenDatabases, counted, doctor, parseIdentities, runAction, text } from "./shared.js";

// src/actions/doctor.ts
/** `actions/doctor`: looks at everything that a backup depends on, and changes nothing. */
const marks = {
	ok: "✅",
	warning: "⚠️",
	problem: "❌"
};
await runAction({
	title: "Doctor",
	writes: true,
	inputs: { identity: text },
	async run({ inputs, config, deps, env, details, output, summarise, info }) {
		output("status", "failed");
		const said = (finding) => details ? finding.text : finding.publicText;
		const findings = await doctor(deps, {
			config,
			env,
			databases: chosenDatabases(config, inputs.database ? { database: inputs.database } : {}),
			identities: inputs.identity ? parseIdentities(inputs.identity) : null,
			nodeVersion: process.versions.node,
			report: (finding) => info(`${marks[finding.level]} ${finding.about}: ${said(finding)}`)
		});
		const problems = findings.filter(({ level }) => level === "problem").length;
		const warnings = findings.filter(({ level }) => level === "warning").length;
		output("problems", problems);
		output("warnings", warnings);
		const shown = findings.map((finding) => ({
			about: finding.about,
			level: finding.level,
			text: said(finding),
			advice: details || finding.text === finding.publicText ? finding.advice : null
		}));
		output("report", JSON.stringify(shown));
		summarise({
			verdict: `Doctor: ${counted(problems, "problem")}, ${counted(warnings, "warning")}`,
			mark: problems > 0 ? "❌" : warnings > 0 ? "⚠️" : "✅",
			rows: shown.map(({ about, level, text, advice }) => [`${marks[level]} ${about}`, [text, advice].filter(Boolean).join(" → ")])
		});
		if (problems > 0) throw new ConfigError(`The doctor found ${problems} problems.`, {
			hint: "The summary of this run lists them, with what to do.",
			publicReason: "the doctor found problems"
		});
		output("status", "succeeded");
	}
});

export {  };