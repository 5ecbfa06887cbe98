import { type Command, Option } from 'commander';

/**
 * Every command by its name. Only the one that is asked for is loaded: all of them together are four hundred modules, and
 * half a second before anything happens.
 */

type Make = (signal: AbortSignal) => Command;

/** Commands that work by a configuration. */
const configured: Record<string, () => Promise<Make>> = {
  backup: async () => (await import('./backup-command.ts')).backupCommand,
  list: async () => (await import('./list-command.ts')).listCommand,
  show: async () => (await import('./list-command.ts')).showCommand,
  verify: async () => (await import('./verify-command.ts')).verifyCommand,
  'restore-test': async () => (await import('./restore-test-command.ts')).restoreTestCommand,
  restore: async () => (await import('./restore-command.ts')).restoreCommand,
  status: async () => (await import('./status-command.ts')).statusCommand,
  page: async () => (await import('./page-command.ts')).pageCommand,
  prune: async () => (await import('./prune-command.ts')).pruneCommand,
  hold: async () => (await import('./hold-command.ts')).holdCommand,
  copy: async () => (await import('./copy-command.ts')).copyCommand,
  rekey: async () => (await import('./rekey-command.ts')).rekeyCommand,
  accept: async () => (await import('./accept-command.ts')).acceptCommand,
  review: async () => (await import('./review-command.ts')).reviewCommand,
  doctor: async () => (await import('./doctor-command.ts')).doctorCommand,
  matrix: async () => (await import('./matrix-command.ts')).matrixCommand,
  ledger: async () => (await import('./ledger-command.ts')).ledgerCommand,
  export: async () => (await import('./export-command.ts')).exportCommand,
  keygen: async () => (await import('./keygen-command.ts')).keygenCommand,
};

const others: Record<string, () => Promise<Make>> = {
  init: async () => (await import('./init-command.ts')).initCommand,
  demo: async () => (await import('./demo-command.ts')).demoCommand,
  crm: async () => (await import('./crm-command.ts')).crmCommand,
};

/**
 * The commands to choose from: the one that the arguments begin with, or all of them when that is help or a mistake.
 *
 * @param args what follows the program's name
 */
export async function loadCommands(args: readonly string[], signal: AbortSignal): Promise<Command[]> {
  const asked = args[0] ?? '';
  const load = async (table: typeof configured, finish: (command: Command) => Command) => {
    const names = Object.keys(table).filter((name) => name === asked || !isCommand(asked));
    return Promise.all(names.map(async (name) => finish((await table[name]!())(signal).exitOverride())));
  };
  const withConfiguration = (command: Command) =>
    command
      .addOption(new Option('--config <file>', 'configuration').default('holdfast.yml'))
      .addOption(new Option('--json', 'one JSON document on stdout'));
  return [...(await load(configured, withConfiguration)), ...(await load(others, (command) => command))];
}

function isCommand(name: string): boolean {
  return Object.hasOwn(configured, name) || Object.hasOwn(others, name);
}
