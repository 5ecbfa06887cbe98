import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { doctor, type Finding } from '../doctor.ts';
import { counted } from '../lib/format.ts';
import { chosenDatabases } from '../open.ts';
import { type CommonOptions, readIdentities } from './context.ts';
import { print, printJson } from './output.ts';

export function doctorCommand(signal: AbortSignal): Command {
  return new Command('doctor')
    .description('say what is wrong before the night does: database, stores, keys, ledger, GitHub, alerts')
    .option('--database <name>', 'only this one')
    .option('--identity-file <file>', 'age identity, to see whether it fits the recipients')
    .action(async (options: CommonOptions & { database?: string; identityFile?: string }) => {
      const config = loadConfig(options.config);
      const findings = await doctor(
        { now: Date.now, randomBytes, signal },
        {
          config,
          env: process.env,
          databases: chosenDatabases(config, options),
          identities: readIdentities(options.identityFile, process.env),
          nodeVersion: process.versions.node,
          report: (finding) => {
            if (!options.json) print(lineOf(finding));
          },
        },
      );
      const count = (level: Finding['level']) => findings.filter((each) => each.level === level).length;
      const [problems, warnings] = [count('problem'), count('warning')];
      if (options.json) {
        const shown = findings.map(({ publicText: _, ...finding }) => finding);
        printJson({ problems, warnings, findings: shown });
      } else print(`\n${counted(problems, 'problem')}, ${counted(warnings, 'warning')}`);
      // The list has said it all; an error would say it again.
      if (problems > 0) process.exitCode = 2;
    });
}

const marks = { ok: '✓', warning: '!', problem: '✗' };

function lineOf({ about, level, text, advice }: Finding): string {
  return `${marks[level]} ${about}: ${text}${advice ? `\n    → ${advice}` : ''}`;
}
