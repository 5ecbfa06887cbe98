import { Command, Option } from 'commander';
import { locales, type SiteSettings } from '../health/status.ts';
import { page } from '../page.ts';
import { print, printJson } from './output.ts';
import { describe } from './status-command.ts';
import { terminalProgress } from './terminal-progress.ts';

interface Options {
  status: string;
  out: string;
  base?: string;
  siteUrl?: string;
  locale?: SiteSettings['locale'];
  json?: boolean;
}

export function pageCommand(): Command {
  return new Command('page')
    .description('build the page of a status.json that `status --out` wrote; needs no configuration')
    .requiredOption('--status <file>', 'the status document')
    .requiredOption('--out <dir>', 'where the page goes; replaced as a whole')
    .option('--base <path>', 'path the page is served under, such as /repository/')
    .option('--site-url <url>', 'address or origin it is served from, for feeds')
    .addOption(new Option('--locale <language>', 'language of the page').choices(locales))
    .action(async ({ status, out, base, siteUrl, locale, json }: Options) => {
      const progress = terminalProgress(process.stderr, Date.now);
      const result = await page({ progress }, { statusFile: status, outDir: out, base, siteUrl, locale });
      if (json) printJson(result);
      else print(describe(result));
    });
}
