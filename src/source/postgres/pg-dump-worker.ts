import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { greeting, kindOfFirstPacket } from './pg-dump-greeting.ts';

/** The thread in which pg_dump's WASM runs: libpq's two I/O functions are answered here, by waiting. */

export interface PgDumpRequest {
  args: string[];
  /** Counts messages that the main thread has posted. */
  arrivals: Int32Array;
  /** The server's ParameterStatus values, replayed to libpq. */
  parameters: [string, string][];
  /** pg_dump.wasm, compiled once however often it runs. */
  program: WebAssembly.Module;
}

export interface PgDumpResult {
  exitCode: number;
  output: Uint8Array;
  complaint: string;
}

/** The part of Emscripten's module that is used. */
interface PgDumpModule {
  HEAPU8: Uint8Array;
  ENV: Record<string, string>;
  FS: { readFile(path: string): Uint8Array };
  addFunction(callback: (address: number, sizeBytes: number) => number, signature: string): number;
  _pgl_set_rw_cbs(read: number, write: number): void;
  callMain(args: string[]): number;
  onRuntimeInitialized: () => void;
}
type PgDumpFactory = (options: Record<string, unknown>) => Promise<PgDumpModule>;

const outputPath = '/tmp/schema.sql';

/**
 * The package exports only a wrapper that returns text and strips lines of function bodies; the factory beside it is
 * what we need, so it is added to the chunk's exports as it is loaded.
 */
async function loadFactory(): Promise<PgDumpFactory> {
  const entry = fileURLToPath(import.meta.resolve('@electric-sql/pglite-tools/pg_dump'));
  const chunk = /from"(\.\/chunk-[A-Z0-9]+\.js)"/.exec(readFileSync(entry, 'utf8'))?.[1];
  if (!chunk)
    throw new Error('@electric-sql/pglite-tools is laid out in another way than the pinned release');
  const source = readFileSync(
    new URL(chunk, import.meta.resolve('@electric-sql/pglite-tools/pg_dump')),
    'utf8',
  );
  const name = /var (\w+)=\(\(\)=>\{var _scriptName=import\.meta\.url;/.exec(source)?.[1];
  if (!name) throw new Error('@electric-sql/pglite-tools no longer holds the pg_dump factory where it was');
  // Named, or a stack would show all of its source as the address.
  const patched = `${source}\n;export{${name} as factory};\n//# sourceURL=pg_dump.js`;
  const module = (await import(`data:text/javascript;base64,${Buffer.from(patched).toString('base64')}`)) as {
    factory: PgDumpFactory;
  };
  return module.factory;
}

function converse(port: MessagePort, request: PgDumpRequest) {
  let incoming: Uint8Array = new Uint8Array();
  let isStarted = false;
  let seen = 0;
  const receive = (): Uint8Array => {
    for (;;) {
      const received = receiveMessageOnPort(port) as { message: Uint8Array } | undefined;
      if (received) {
        seen += 1;
        return received.message;
      }
      Atomics.wait(request.arrivals, 0, seen);
    }
  };
  return {
    write(bytes: Uint8Array): void {
      if (!isStarted) {
        isStarted = kindOfFirstPacket(bytes) === 'startup';
        incoming = isStarted ? greeting(request.parameters) : Buffer.from('N');
      } else if (bytes[0] !== 'X'.charCodeAt(0)) {
        // Terminate stays here: the connection is not pg_dump's to end.
        port.postMessage(Uint8Array.from(bytes));
      }
    },
    read(maxBytes: number): Uint8Array {
      if (incoming.length === 0) incoming = receive();
      const part = incoming.subarray(0, maxBytes);
      incoming = incoming.subarray(part.length);
      return part;
    },
  };
}

async function run(port: MessagePort, request: PgDumpRequest): Promise<PgDumpResult> {
  const factory = await loadFactory();
  const conversation = converse(port, request);
  let complaint = '';
  let exitCode = 0;
  const module = await factory({
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, program: WebAssembly.Module) => void,
    ) => {
      // Not at once: what it goes on with is set up after this has returned.
      void WebAssembly.instantiate(request.program, imports).then((made) => done(made, request.program));
      return {};
    },
    locateFile: (path: string) => path,
    noExitRuntime: false,
    // Its own name in its messages, and not the path of this file.
    thisProgram: 'pg_dump',
    print: () => {},
    printErr: (text: string) => {
      complaint += `${text}\n`;
    },
    onExit: (status: number) => {
      exitCode = status;
    },
    preRun: [
      (module: PgDumpModule) => {
        Object.assign(module.ENV, { HOME: '/home/postgres', USER: 'postgres', LOGNAME: 'postgres' });
        module.onRuntimeInitialized = () => {
          const write = module.addFunction((address, sizeBytes) => {
            conversation.write(module.HEAPU8.subarray(address, address + sizeBytes));
            return sizeBytes;
          }, 'iii');
          const read = module.addFunction((address, sizeBytes) => {
            const bytes = conversation.read(sizeBytes);
            module.HEAPU8.set(bytes, address);
            return bytes.length;
          }, 'iii');
          module._pgl_set_rw_cbs(read, write);
        };
      },
    ],
  });
  // libpq wants a user name; the session is whoever `pg` logged in as.
  exitCode = module.callMain(['-U', 'postgres', '-f', outputPath, ...request.args]) || exitCode;
  const output = exitCode === 0 ? module.FS.readFile(outputPath) : new Uint8Array();
  return { exitCode, output, complaint };
}

const port = parentPort;
if (port) {
  const result = await run(port, workerData as PgDumpRequest);
  port.postMessage(result);
}
