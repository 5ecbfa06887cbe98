import { ArtifactNotFoundError, DefaultArtifactClient } from "./shared.js";
import { parentPort } from "node:worker_threads";

// src/store/artifact-worker.ts
const client = new DefaultArtifactClient();
async function answer(request) {
	if (request.call === "upload") {
		const { name, file, folder, retentionDays } = request;
		const { id, size, digest } = await client.uploadArtifact(name, [file], folder, {
			skipArchive: true,
			retentionDays
		});
		return {
			id: id ?? 0,
			sizeBytes: size ?? null,
			digest: digest ? `sha256:${digest}` : null
		};
	}
	try {
		if (request.call === "remove") {
			const { id } = await client.deleteArtifact(request.name);
			return {
				id,
				sizeBytes: null,
				digest: null
			};
		}
		const { artifact } = await client.getArtifact(request.name);
		return {
			id: artifact.id,
			sizeBytes: artifact.size,
			digest: artifact.digest ?? null
		};
	} catch (error) {
		if (error instanceof ArtifactNotFoundError) return null;
		throw error;
	}
}
parentPort.postMessage({ number: 0 });
parentPort.on("message", async ({ number, request }) => {
	let reply;
	try {
		reply = {
			number,
			value: await answer(request)
		};
	} catch (error) {
		const { name, message } = error;
		reply = {
			number,
			error: {
				name,
				message
			}
		};
	}
	parentPort.postMessage(reply);
});

export {  };