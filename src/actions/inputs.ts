import { z } from 'zod';
import { nearest } from '../config/suggest.ts';
import { ConfigError } from '../lib/errors.ts';

/**
 * Inputs of an action. Defaults stand in its action.yml and nowhere else: the runner fills them in, so here every input
 * is there, and an empty one means that nothing was given.
 */

/** Text; undefined when nothing was given. */
export const text = z.string().transform((value) => value.trim() || undefined);

/** `true` or `false`, and not the many words that YAML has for them. */
export const flag = z.enum(['true', 'false'], 'true or false').transform((value) => value === 'true');

/** Words that are separated by commas, spaces or lines. */
export const words = z.string().transform((value) => value.split(/[\s,]+/).filter((word) => word !== ''));

const prefix = 'INPUT_';

/** The inputs as they came, which the runner passes as variables such as `INPUT_DATABASE-URL`. */
export function givenInputs(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(env).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(
    given.map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value ?? '']),
  );
}

/**
 * Reads the inputs of an action.
 *
 * @throws ConfigError naming the input; for one that isn't known, the nearest that is
 */
export function readInputs<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  env: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<S>> {
  const inputs = givenInputs(env);
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(inputs).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw invalid(
      `There is no input "${unknown}".`,
      near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.`,
    );
  }
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw invalid(
    `Input "${issue.path.join('.')}" is not valid: ${issue.message}.`,
    'Its action.yml says what it takes.',
  );
}

function invalid(message: string, hint: string): ConfigError {
  return new ConfigError(`${message} Nothing was read or written.`, {
    hint,
    publicReason: 'an input is not valid',
  });
}
