import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { checkRetention } from '../retention/check.ts';
import { refuseSamePlace, refuseUnknownStores } from './check-stores.ts';
import { invalid, safe } from './invalid.ts';
import { refuseUnsafeUrl } from './references.ts';
import { type Config, configSchema } from './schema.ts';
import type { ArtifactConfig } from './stores.ts';
import { explainUnknown, nearest } from './suggest.ts';

/** A configuration with every default in place and paths made absolute; secrets are still references. */
export interface LoadedConfig extends Config {
  /** The folder that relative paths in the file are relative to. */
  folder: string;
}

/**
 * Checks what a file or the inputs of an action say.
 *
 * @param value plain data, as YAML gives it
 * @param file what to call it in messages; relative paths are relative to its folder
 * @throws ConfigError naming the field
 */
export function checkConfig(value: unknown, file: string): LoadedConfig {
  if ((value as { encryption?: unknown }).encryption === undefined) {
    throw invalid(
      `${file} names no recipient: backups would lie about in clear. ${safe}`,
      'Run `holdfast keygen` and put the recipient under encryption: recipients: — or write `encryption: off`, if you mean it.',
    );
  }
  // YAML 1.1 habits: there `off` is the boolean false.
  if ((value as { encryption?: unknown }).encryption === false)
    (value as { encryption?: unknown }).encryption = 'off';
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    throw invalid(
      `${file}: ${explainIssue(firstCause(parsed.error.issues)!, value)} ${safe}`,
      'docs/configuration.md lists every field with its default.',
    );
  const folder = dirname(resolve(file));
  const config = { ...parsed.data, folder };
  for (const [name, database] of Object.entries(config.databases)) {
    const urls =
      database.source === 'crm-api'
        ? { 'app-url': database['app-url'], url: database.url }
        : { url: database.url };
    for (const [field, url] of Object.entries(urls)) {
      if (url === undefined) continue;
      refuseUnsafeUrl(url, `databases.${name}.${field}`);
    }
  }
  refuseUnknownStores(config);
  for (const [name, store] of Object.entries(config.stores)) {
    if (store.type === 'directory') store.path = resolve(folder, store.path);
    if (store.type === 'artifact') refuseRetention(name, store, config);
  }
  refuseSamePlace(config);
  if (config.ledger.type === 'directory') config.ledger.path = resolve(folder, config.ledger.path);
  return config;
}

/** @throws ConfigError when GitHub deletes artifacts before the rules would let them go */
function refuseRetention(name: string, store: ArtifactConfig, { retention }: Config) {
  const problem = checkRetention(store.retention ?? retention, { maxRetentionDays: store['retention-days'] });
  if (problem === null) return;
  throw invalid(
    `stores.${name}: ${problem} ${safe}`,
    'Give this store a retention of its own, such as retention: { keep-last: 20, keep-days: 30 }, and the long rules to another.',
  );
}

/** A misspelt field is also a missing one; the misspelling is what to say. */
function firstCause(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  return issues.find((issue) => issue.code === 'unrecognized_keys') ?? issues[0];
}

function explainIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const where = issue.path.join('.') || 'the whole file';
  if (issue.code === 'unrecognized_keys') return explainUnknown(issue.path, issue.keys[0]!);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const all = issue.errors.flat();
    const inner = firstCause(all.filter((each) => each.code !== 'invalid_value')) ?? all[0];
    if (inner)
      return explainIssue({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, value);
  }
  if (issue.code === 'invalid_union' && 'options' in issue)
    return explainChoice(where, issue.options as unknown[], at(value, issue.path));
  if (issue.code === 'invalid_key') return `${where}: a name has ${issue.issues[0]!.message}.`;
  return `${where}: ${issue.message}.`;
}

/** What was written there is not repeated: whatever stands in a wrong place may be a secret. */
function explainChoice(where: string, options: readonly unknown[], given: unknown): string {
  // A field with a default may be left out, which zod counts among the options.
  const allowed = options.filter((option) => typeof option === 'string');
  const near = typeof given === 'string' ? nearest(given, allowed) : null;
  return `${where} is one of ${allowed.join(', ')}.${near ? ` Did you mean "${near}"?` : ''}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown>)?.[step], value);
}
