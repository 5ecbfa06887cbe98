import { Command } from 'commander';
import type { Status } from '../health/status.ts';
import { ConfigError } from '../lib/errors.ts';
import { status } from '../status.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function statusCommand(signal: AbortSignal): Command {
  return new Command('status')
    .description('evaluate the ledger; write status.json, and with --site the page')
    .option('--out <dir>', 'where to write')
    .option('--site', 'build the page too')
    .option('--base <path>', 'path the page is served under, such as /repository/')
    .action(async (options: CommonOptions & { out?: string; site?: boolean; base?: string }) => {
      if (options.site && !options.out) {
        throw new ConfigError('--site needs --out: where should the page go?', {
          hint: 'Such as --out public --site',
        });
      }
      const { config, deps } = await openContext(options, signal);
      const result = await status(deps, {
        databases: Object.keys(config.databases),
        policy: config.health,
        outDir: options.out ?? null,
        site: options.site ?? false,
        ...(options.base ? { base: options.base } : {}),
      });
      if (options.json) printJson(result);
      else print(describe(result));
    });
}

/** The verdict and its reasons. */
export function describe({ health }: Status): string {
  const word = { good: 'Good', warning: 'Warning', critical: 'Critical' }[health.state];
  const reasons = health.reasons.map(
    (reason) =>
      `  ${reason.state}: ${reason.database ?? 'all'}: ${reason.text}${reason.since ? ` (since ${reason.since})` : ''}`,
  );
  const until = health.validUntil ? `  holds until ${health.validUntil} if nothing happens` : '';
  return [word, ...reasons, until].filter(Boolean).join('\n');
}
