import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { matrixOf } from '../matrix.ts';
import type { CommonOptions } from './context.ts';
import { print } from './output.ts';

export function matrixCommand(): Command {
  return new Command('matrix')
    .description('the job matrix for GitHub Actions: one job per database, on one line')
    .action((options: CommonOptions) => print(JSON.stringify(matrixOf(loadConfig(options.config)))));
}
