import type { CommonInputs } from './configuration.ts';

/** Secrets of a run, so that the runner blots them out of every line, before anything else is said. */

/** Variables with secrets of ours, or of the libraries that reach the stores. */
const secretVariables =
  /^(HOLDFAST_.*|DATABASE_URL|.*_DATABASE_URL|AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)|.*_(SECRET|TOKEN|PASSWORD|API_KEY|IDENTITY))$/;

/**
 * What must never be shown: the values themselves, the passwords in URLs, raw and percent-encoded, and each line of a value
 * with several, because the runner compares line by line.
 */
export function secretsOf(
  inputs: Partial<CommonInputs> & Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  referenced: readonly string[],
): string[] {
  const named = Object.entries(env).filter(
    ([name]) => secretVariables.test(name) || referenced.includes(name),
  );
  const given = ['database-url', 'api-key', 'github-token', 'identity', 'target-url', 'scratch-url'].map(
    (name) => inputs[name],
  );
  const lines = String(inputs['secrets'] ?? '').split('\n');
  const values = [
    ...named.map(([, value]) => value),
    ...given,
    ...lines.map((line) => line.replace(/^\s*[A-Za-z_][A-Za-z0-9_]*=/, '')),
  ];
  const secrets = new Set<string>();
  for (const value of values) {
    if (typeof value !== 'string') continue;
    for (const line of value.split('\n')) for (const form of formsOf(line.trim())) secrets.add(form);
  }
  // The runner would blot out every 1 or "no" of the log.
  return [...secrets].filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
}

function formsOf(value: string): string[] {
  const forms = [value, encodeURIComponent(value)];
  const authority = /^[a-z]+:\/\/[^/]*?:(.*)@[^@]*$/i.exec(value)?.[1];
  const parameter = /[?&\s]password=([^&\s]+)/i.exec(value)?.[1];
  for (const password of [authority, parameter]) {
    if (!password) continue;
    forms.push(password, encodeURIComponent(password));
    try {
      forms.push(decodeURIComponent(password));
    } catch {
      // A stray % in it: then it isn't encoded.
    }
  }
  return forms;
}
