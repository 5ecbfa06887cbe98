import { Command } from 'commander';
import { exitCodeOf, HoldfastError } from '../lib/errors.ts';
import { version } from '../lib/version.ts';
import { loadCommands } from './commands.ts';
import { printError, printJson } from './output.ts';

/** The command line: `holdfast <verb>`. Results go to stdout, everything else to stderr. */

const stopping = new AbortController();
let stopSignal: NodeJS.Signals | null = null;
const signalNumbers = { SIGINT: 2, SIGTERM: 15 };
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // A second one means now.
    if (stopSignal) process.exit(128 + signalNumbers[name]);
    stopSignal = name;
    stopping.abort();
  });
}

const program = new Command('holdfast')
  .description('PostgreSQL backups that prove they restore')
  .version(version)
  .showHelpAfterError()
  .configureOutput({ outputError: (text, write) => write(`${text}Nothing was changed.\n`) })
  .exitOverride();

for (const command of await loadCommands(process.argv.slice(2), stopping.signal))
  program.addCommand(command.copyInheritedSettings(program));

async function main(): Promise<number> {
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { code, exitCode } = error as { code?: string; exitCode?: number };
    // Commander has already said what it is about.
    if (code?.startsWith('commander.')) return exitCode === 0 ? 0 : 2;
    if (process.argv.includes('--json')) printJson({ error: describe(error) });
    printError(error);
    return exitCodeOf(error);
  }
}

function describe(error: unknown) {
  if (!(error instanceof HoldfastError)) return { kind: 'Bug', message: String(error), hint: null };
  const { name, message, hint } = error;
  return {
    kind: name,
    message,
    hint,
    ...('checked' in error ? { checked: error.checked } : {}),
    ...('pruned' in error ? { pruned: error.pruned } : {}),
    ...('rekeyed' in error ? { rekeyed: error.rekeyed } : {}),
  };
}

const exitCode = await main();
// What ended because of a signal says so; what was over anyway, such as a page that was served, has succeeded.
const code =
  exitCode !== 0 && stopSignal ? 128 + signalNumbers[stopSignal as keyof typeof signalNumbers] : exitCode;
// Exits on purpose: sockets that a dead network left half open would keep the process for minutes.
process.stdout.write('', () => process.exit(code));
