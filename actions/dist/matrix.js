import { _enum, chosenDatabases, matrixOf, runAction } from "./shared.js";

// src/actions/matrix.ts
/** `actions/matrix`: one job for each database, so that one that hangs or fails keeps no other waiting. */
await runAction({
	title: "Matrix",
	writes: (inputs) => inputs.for === "backup",
	inputs: { for: _enum(["", "backup"], "backup, or nothing") },
	async run({ inputs, config, output, info }) {
		const databases = chosenDatabases(config, inputs.database ? { database: inputs.database } : {});
		const { include } = matrixOf(config);
		output("matrix", JSON.stringify({ include: include.filter(({ database }) => databases.includes(database)) }));
		info(`Databases: ${databases.join(", ")}`);
	}
});

export {  };