import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import type { DemoOptions } from './demo.ts';

export function demoCommand(signal: AbortSignal): Command {
  return new Command('demo')
    .description('the whole way on an embedded PostgreSQL with a made-up CRM')
    .option('--enquiries <n>', 'how large the CRM is', wholeNumber, 5000)
    .option('--seed <n>', 'which CRM it is', wholeNumber, 1)
    .option('--port <n>', 'where the page is served', wholeNumber, 4400)
    .option(
      '--dir <dir>',
      'where it keeps its files',
      fileURLToPath(new URL('../../.holdfast/demo', import.meta.url)),
    )
    .option('--no-serve', 'end when the page is built')
    .action(async (options: DemoOptions) => {
      // Loaded only now: the page's tools take as long to load as a small backup takes.
      const { demo } = await import('./demo.ts');
      await demo(options, signal);
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
