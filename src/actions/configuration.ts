import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { checkConfig, type LoadedConfig } from '../config/check.ts';
import { invalid, safe } from '../config/invalid.ts';
import { loadConfig } from '../config/load.ts';
import { text, words } from './inputs.ts';

/** The inputs that every action has. Names are those of `holdfast.yml`, where there is such a field. */
export const commonInputs = {
  config: z.string().min(1, 'the name of a file'),
  database: text,
  'database-url': text,
  'app-url': text,
  'api-key': text,
  recipients: words,
  encryption: z.enum(['', 'off'], 'off, or nothing'),
  'retention-days': z.string().regex(/^\d+$/, 'a number of days').transform(Number),
  secrets: z.string(),
  'github-token': text,
};
export type CommonInputs = z.infer<z.ZodObject<typeof commonInputs>>;

/** Where secrets that came as inputs are, for the configuration to refer to. */
const databaseUrl = 'HOLDFAST_DATABASE_URL';
const apiKey = 'HOLDFAST_API_KEY';

export interface Configuration {
  config: LoadedConfig;
  /** The environment with secrets from inputs added. */
  env: NodeJS.ProcessEnv;
}

/**
 * The configuration: the file, or the inputs alone, which then mean artifacts of the repository and the ledger on its branch.
 *
 * @param need.recipients false for what only reads backups
 * @param need.source false for what doesn't read the database that is backed up
 * @throws ConfigError when there is neither, or when it is not valid
 */
export function configurationOf(
  inputs: CommonInputs,
  env: NodeJS.ProcessEnv,
  need: { recipients: boolean; source: boolean },
): Configuration {
  const file = resolve(env['GITHUB_WORKSPACE'] ?? '.', inputs.config);
  const withInputs = {
    ...env,
    ...secretLines(inputs.secrets),
    ...(inputs['database-url'] ? { [databaseUrl]: inputs['database-url'] } : {}),
    ...(inputs['api-key'] ? { [apiKey]: inputs['api-key'] } : {}),
    ...(inputs['github-token'] ? { GITHUB_TOKEN: inputs['github-token'] } : {}),
  };
  if (existsSync(file)) return { config: loadConfig(file), env: withInputs };
  if (need.source && inputs['database-url'] === undefined && inputs['app-url'] === undefined) {
    throw invalid(
      `There is no ${inputs.config} in the checkout, and neither database-url nor app-url is given. ${safe}`,
      'Check the repository out before this action, or give database-url and recipients as inputs: in our workflows these are the secret DATABASE_URL and the variable HOLDFAST_RECIPIENTS. docs/github.md has the steps.',
    );
  }
  return { config: checkConfig(fromInputs(inputs, need.recipients), 'inputs'), env: withInputs };
}

/** @throws ConfigError for a line that is no assignment, without showing it */
function secretLines(lines: string): Record<string, string> {
  const assignments = lines.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    assignments.map((line, index) => {
      const [, name, value] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
      if (name && value !== undefined) return [name, value.trim()];
      throw invalid(
        `Line ${index + 1} of the input "secrets" is not NAME=value. ${safe}`,
        'Write one secret to a line.',
      );
    }),
  );
}

function fromInputs(inputs: CommonInputs, needsRecipients: boolean) {
  const url = `\${${databaseUrl}}`;
  const source = inputs['app-url']
    ? {
        source: 'crm-api',
        'app-url': inputs['app-url'],
        'api-key': `\${${apiKey}}`,
        ...(inputs['database-url'] ? { url } : {}),
      }
    : { url };
  const chosen = inputs.recipients.length > 0 ? { recipients: inputs.recipients } : undefined;
  // What only reads finds out from each receipt how it was encrypted.
  const encryption = chosen ?? (inputs.encryption || (needsRecipients ? undefined : 'off'));
  return {
    databases: { [inputs.database ?? 'main']: source },
    stores: { artifacts: { type: 'artifact', 'retention-days': inputs['retention-days'] } },
    ...(encryption ? { encryption } : {}),
    ledger: { type: 'github' },
  };
}
