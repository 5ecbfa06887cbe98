import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** Expressions of a workflow, evaluated by GitHub's own package. */

/** Plain data by the name of its context, such as `github`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** `success()`, `failure()`, `always()` and `cancelled()` of a job or a step. */
function statusFunctions(before: readonly string[]) {
  return {
    success: () => before.every((result) => result === 'success'),
    failure: () => before.some((result) => result === 'failure'),
    always: () => true,
    // Nobody cancels a run here.
    cancelled: () => false,
  };
}

/** @throws Error for a context or a function that isn't there */
function evaluate(
  expression: string,
  contexts: Contexts,
  functions: Readonly<Record<string, () => boolean>> = {},
): data.ExpressionData {
  const definitions = Object.entries(functions).map(([name, call]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(call()),
  }));
  const tree = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), definitions).parse();
  const context = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new Evaluator(tree, context, new Map(definitions.map((each) => [each.name, each]))).evaluate();
}

/** Whether the condition of a job or a step holds. */
export function holds(expression: string, contexts: Contexts, before: readonly string[]): boolean {
  const value = plain(evaluate(expression, contexts, statusFunctions(before)));
  return value !== false && value !== null && value !== 0 && value !== '';
}

const marked = /\$\{\{(.*?)\}\}/gs;

/** A value of the file with all `${{ }}` in it evaluated; a text that is one expression becomes its value. */
export function fill(value: unknown, contexts: Contexts): unknown {
  if (Array.isArray(value)) return value.map((each) => fill(each, contexts));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, contexts)]));
  }
  if (typeof value !== 'string') return value;
  const whole = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(value)?.[1];
  if (whole !== undefined) return plain(evaluate(whole, contexts));
  return value.replaceAll(marked, (_, expression: string) => evaluate(expression, contexts).coerceString());
}

/** The same for a mapping whose values are texts, as inputs and variables are. */
export function fillTexts(mapping: unknown, contexts: Contexts): Record<string, string> {
  const filled = fill(mapping ?? {}, contexts) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(filled).map(([key, value]) => [key, String(value ?? '')]));
}

function plain(value: data.ExpressionData): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer));
}
