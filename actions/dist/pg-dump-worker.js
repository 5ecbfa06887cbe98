import { greeting, kindOfFirstPacket } from "./shared.js";
import { readFileSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";

// src/source/postgres/pg-dump-worker.ts
const outputPath = "/tmp/schema.sql";
/**
* The package exports only a wrapper that returns text and strips lines of function bodies; the factory beside it is
* what we need, so it is added to the chunk's exports as it is loaded.
*/
async function loadFactory() {
	const entry = fileURLToPath(new URL("./pglite-tools/pg_dump.js", import.meta.url).href);
	const chunk = /from"(\.\/chunk-[A-Z0-9]+\.js)"/.exec(readFileSync(entry, "utf8"))?.[1];
	if (!chunk) throw new Error("@electric-sql/pglite-tools is laid out in another way than the pinned release");
	const source = readFileSync(new URL(chunk, new URL("./pglite-tools/pg_dump.js", import.meta.url).href), "utf8");
	const name = /var (\w+)=\(\(\)=>\{var _scriptName=import\.meta\.url;/.exec(source)?.[1];
	if (!name) throw new Error("@electric-sql/pglite-tools no longer holds the pg_dump factory where it was");
	const patched = `${source}\n;export{${name} as factory};\n//# sourceURL=pg_dump.js`;
	return (await import(`data:text/javascript;base64,${Buffer.from(patched).toString("base64")}`)).factory;
}
function converse(port, request) {
	let incoming = /* @__PURE__ */ new Uint8Array();
	let isStarted = false;
	let seen = 0;
	const receive = () => {
		for (;;) {
			const received = receiveMessageOnPort(port);
			if (received) {
				seen += 1;
				return received.message;
			}
			Atomics.wait(request.arrivals, 0, seen);
		}
	};
	return {
		write(bytes) {
			if (!isStarted) {
				isStarted = kindOfFirstPacket(bytes) === "startup";
				incoming = isStarted ? greeting(request.parameters) : Buffer.from("N");
			} else if (bytes[0] !== "X".charCodeAt(0)) port.postMessage(Uint8Array.from(bytes));
		},
		read(maxBytes) {
			if (incoming.length === 0) incoming = receive();
			const part = incoming.subarray(0, maxBytes);
			incoming = incoming.subarray(part.length);
			return part;
		}
	};
}
async function run(port, request) {
	const factory = await loadFactory();
	const conversation = converse(port, request);
	let complaint = "";
	let exitCode = 0;
	const module = await factory({
		instantiateWasm: (imports, done) => {
			WebAssembly.instantiate(request.program, imports).then((made) => done(made, request.program));
			return {};
		},
		locateFile: (path) => path,
		noExitRuntime: false,
		thisProgram: "pg_dump",
		print: () => {},
		printErr: (text) => {
			complaint += `${text}\n`;
		},
		onExit: (status) => {
			exitCode = status;
		},
		preRun: [(module) => {
			Object.assign(module.ENV, {
				HOME: "/home/postgres",
				USER: "postgres",
				LOGNAME: "postgres"
			});
			module.onRuntimeInitialized = () => {
				const write = module.addFunction((address, sizeBytes) => {
					conversation.write(module.HEAPU8.subarray(address, address + sizeBytes));
					return sizeBytes;
				}, "iii");
				const read = module.addFunction((address, sizeBytes) => {
					const bytes = conversation.read(sizeBytes);
					module.HEAPU8.set(bytes, address);
					return bytes.length;
				}, "iii");
				module._pgl_set_rw_cbs(read, write);
			};
		}]
	});
	exitCode = module.callMain([
		"-U",
		"postgres",
		"-f",
		outputPath,
		...request.args
	]) || exitCode;
	const output = exitCode === 0 ? module.FS.readFile(outputPath) : /* @__PURE__ */ new Uint8Array();
	return {
		exitCode,
		output,
		complaint
	};
}
const port = parentPort;
if (port) {
	const result = await run(port, workerData);
	port.postMessage(result);
}

export {  };