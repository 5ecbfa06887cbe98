import { writeFileSync } from 'node:fs';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Command } from 'commander';
import { ConfigError } from '../lib/errors.ts';
import type { CommonOptions } from './context.ts';
import { print, printJson } from './output.ts';

export function keygenCommand(_signal: AbortSignal): Command {
  return new Command('keygen')
    .description('make an age key pair: the identity into a file, the recipient onto the screen')
    .option('--out <file>', 'where the identity goes', 'holdfast-identity.txt')
    .action(async (options: CommonOptions & { out: string }) => {
      const recipient = await makeKeyPair(options.out);
      if (options.json) return printJson({ recipient, identityFile: options.out });
      print(recipient);
      process.stderr.write(`
The identity is in ${options.out}. Without it no backup can be read, by anyone, ever:
  1. keep two copies outside this machine (a password manager and paper will do),
  2. never commit it; for restore tests store it as the secret HOLDFAST_IDENTITY,
  3. put the recipient above into holdfast.yml under encryption: recipients:
`);
    });
}

/**
 * Writes a new identity into a file that must not exist yet, readable by its owner only, and returns the recipient.
 *
 * @param option what names the file, for the message
 */
export async function makeKeyPair(file: string, option = '--out'): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  try {
    writeFileSync(file, `# Holdfast identity; recipient: ${recipient}\n${identity}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      code === 'EEXIST'
        ? `${file} exists already and was left as it is.`
        : `${file} cannot be written (${code}).`,
      {
        hint: `Name another file with ${option} FILE. An identity is never overwritten: backups may depend on it.`,
        publicReason: 'the identity could not be written',
      },
    );
  }
  return recipient;
}
