import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from '../lib/errors.ts';
import { type Config, configSchema } from './schema.ts';
import { explainUnknown } from './suggest.ts';

/** A configuration with every default in place, secrets filled in, and paths made absolute. */
export interface LoadedConfig extends Config {
  /** The folder that relative paths in the file are relative to. */
  folder: string;
}

const safe = 'Nothing was read or written.';

/**
 * Reads `holdfast.yml`. Secrets are only looked up by what needs them: a restore test has no need of the source's.
 *
 * @throws ConfigError naming file, line and field
 */
export function loadConfig(file: string): LoadedConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw invalid(
      `The configuration ${file} ${why}. ${safe}`,
      'Name another with --config FILE, or write one as the README shows.',
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  // A warning is a tag that means nothing here, whose text would be taken for the value.
  const [syntax] = [...document.errors, ...document.warnings];
  if (syntax) {
    throw invalid(
      `${file}:${lines.linePos(syntax.pos[0]).line} is not YAML: ${withoutValues(syntax.message)}. ${safe}`,
      'Indentation is two spaces; a value with ": " or "#" needs quotes.',
    );
  }
  const value = plainValue(document, file);
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
      `${file}: ${explainIssue(firstCause(parsed.error.issues)!)} ${safe}`,
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
      refuseLiteralPassword(url, `databases.${name}.${field}`);
      refuseStrangeReference(url, `databases.${name}.${field}`);
    }
  }
  for (const store of Object.values(config.stores))
    if (store.type === 'directory') store.path = resolve(folder, store.path);
  if (config.ledger.type === 'directory') config.ledger.path = resolve(folder, config.ledger.path);
  return config;
}

function invalid(message: string, hint: string): ConfigError {
  return new ConfigError(message, { hint, publicReason: 'the configuration is not valid' });
}

/** What the parser says, without its own idea of the place and without what it found there, which may be a secret. */
function withoutValues(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/ at line \d+, column \d+:?$/, '')
    .replace(/(:|;| \\).*$/, '');
}

/** A misspelt field is also a missing one; the misspelling is what to say. */
function firstCause(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  return issues.find((issue) => issue.code === 'unrecognized_keys') ?? issues[0];
}

function explainIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.') || 'the whole file';
  if (issue.code === 'unrecognized_keys') return explainUnknown(issue.path, issue.keys[0]!);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const all = issue.errors.flat();
    const inner = firstCause(all.filter((each) => each.code !== 'invalid_value')) ?? all[0];
    if (inner) return explainIssue({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue);
  }
  if (issue.code === 'invalid_key') return `${where}: a name has ${issue.issues[0]!.message}.`;
  return `${where}: ${issue.message}.`;
}

/** @throws ConfigError for aliases that lead nowhere or multiply; parsing alone does not follow them */
function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch {
    throw invalid(
      `${file} refers to an anchor that it does not define, or too often to one that it does. ${safe}`,
      'A value that begins with * or & needs quotes.',
    );
  }
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

function refuseLiteralPassword(url: string, where: string) {
  const literal = url.replaceAll(reference, '');
  // Whoever forgets to encode a password may also have a / or @ in it, so it ends at the last @; digits up to a / are a port.
  const inAuthority = /^[^:@/?#[]*:(?!\d*(?:[/?]|$))(.+)@/.exec(literal.replace(/^[^:/?#]*:\/\//, ''));
  const asParameter = /(?:^|[?&\s])(?:ssl)?password\s*=\s*[^&\s]/i.exec(literal);
  if (!inAuthority && !asParameter) return;
  throw invalid(
    `${where} holds a password in the file. ${safe}`,
    'Write the URL, or the password in it, as ${NAME} and set NAME as a secret; then change that password, since the file may have been committed.',
  );
}

/** Without this, the text itself would be taken for the URL. */
function refuseStrangeReference(url: string, where: string) {
  if (!url.replaceAll(reference, '').includes('${')) return;
  throw invalid(
    `${where} refers to something that is no name of an environment variable. ${safe}`,
    'It is ${NAME}, with letters, digits and underscores.',
  );
}

/**
 * A text of the configuration with `${NAME}` filled in: as it is when it is the whole text, percent-encoded when it is a
 * part of a URL.
 *
 * @param where the field, for the message
 * @throws ConfigError when a name is not set
 */
export function resolveReferences(text: string, where: string, env: NodeJS.ProcessEnv): string {
  const isWhole = /^\$\{\w+\}$/.test(text);
  return text.replaceAll(reference, (_, name: string) => {
    const value = env[name];
    if (value) return isWhole ? value : encodeURIComponent(value);
    throw invalid(
      `${where} refers to \${${name}}, which is not set in the environment. ${safe}`,
      `Set ${name}; in a workflow: env: ${name}: \${{ secrets.${name} }}`,
    );
  });
}
