import { Command, Option } from 'commander';
import { alert, alertChannels } from '../alert.ts';
import type { Status } from '../health/status.ts';
import { ConfigError } from '../lib/errors.ts';
import { stateWords } from '../notify/public-text.ts';
import { statusSettings } from '../open.ts';
import { status } from '../status.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function statusCommand(signal: AbortSignal): Command {
  return new Command('status')
    .description('evaluate the ledger; write status.json, and with --site the page')
    .option('--out <dir>', 'where to write')
    .option('--site', 'build the page too')
    .addOption(
      new Option('--fail-on <state>', 'exit with 4 when health is that or worse').choices([
        'warning',
        'critical',
      ]),
    )
    .option('--alert', 'tell people what has changed, as the configuration says')
    .option('--base <path>', 'path the page is served under, such as /repository/')
    .action(
      async (
        options: CommonOptions & {
          out?: string;
          site?: boolean;
          base?: string;
          alert?: boolean;
          failOn?: 'warning' | 'critical';
        },
      ) => {
        if (options.site && !options.out) {
          throw new ConfigError('--site needs --out: where should the page go?', {
            hint: 'Such as --out public --site',
          });
        }
        const { config, deps } = await openContext(options, signal);
        const result = await status(deps, {
          ...statusSettings(config),
          outDir: options.out ?? null,
          site: options.site ?? false,
          ...(options.base ? { base: options.base } : {}),
        });
        if (options.alert) {
          const { health, facts } = result;
          await alert(deps, { health, facts, ...alertChannels(config, process.env) });
        }
        if (options.json) printJson(result);
        else print(describe(result));
        const { state } = result.health;
        if (state === options.failOn || (state === 'critical' && options.failOn)) process.exitCode = 4;
      },
    );
}

/** The verdict and its reasons. */
export function describe({ health }: Status): string {
  const reasons = health.reasons.map(
    (reason) =>
      `  ${reason.state}: ${reason.database ?? 'all'}: ${reason.text}${reason.since ? ` (since ${reason.since})` : ''}`,
  );
  const until = health.validUntil ? `  holds until ${health.validUntil} if nothing happens` : '';
  return [stateWords[health.state], ...reasons, until].filter(Boolean).join('\n');
}
