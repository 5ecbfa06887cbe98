import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { ConfigError } from '../lib/errors.ts';
import { chosenDatabases, forDatabase, policiesOf } from '../open.ts';
import { review } from '../review.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function reviewCommand(signal: AbortSignal): Command {
  return new Command('review')
    .description(
      'the quarterly review of retention, as Markdown: what is kept, why, and what the rules would delete',
    )
    .option('--database <name>', 'only this one')
    .option('--out <file>', 'write it to a file instead')
    .action(async (options: CommonOptions & { database?: string; out?: string }) => {
      const { config, deps } = await openContext(options, signal);
      const databases = chosenDatabases(config, options).map((database) => ({
        database,
        stores: forDatabase(deps, config, database).stores,
      }));
      const { reviews, markdown } = await review(deps, {
        databases,
        policyOf: policiesOf(config),
        publish: async (text) => {
          if (options.out) await writeOut(options.out, text);
          return null;
        },
      });
      if (options.json) printJson({ reviews });
      else if (!options.out) print(markdown.trimEnd());
    });
}

async function writeOut(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`The review could not be written (${error.code}).`, {
      hint: 'Check the path after --out.',
      publicReason: 'the review could not be written',
    });
  });
}
