import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { checkConfig, type LoadedConfig } from './check.ts';
import { invalid, safe } from './invalid.ts';

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
  return checkConfig(value, file);
}

/** What the parser says, without its own idea of the place and without what it found there, which may be a secret. */
function withoutValues(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/ at line \d+, column \d+:?$/, '')
    .replace(/(:|;| \\).*$/, '');
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
