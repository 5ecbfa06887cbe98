import { invalid, safe } from './invalid.ts';

/** `${NAME}` in a configuration: the only way for a secret to get into it. */

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The names that a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(reference)].map(([, name]) => name!);
}

/** @throws ConfigError when a URL holds a password, or refers to something that can be no name */
export function refuseUnsafeUrl(url: string, where: string): void {
  refuseLiteralPassword(url, where);
  refuseStrangeReference(url, where);
}

/** Whether a URL holds a password itself, and not as a reference. */
export function hasLiteralPassword(url: string): boolean {
  const literal = url.replaceAll(reference, '');
  // Whoever forgets to encode a password may also have a / or @ in it, so it ends at the last @; digits up to a / are a port.
  const inAuthority = /^[^:@/?#[]*:(?!\d*(?:[/?]|$))(.+)@/.exec(literal.replace(/^[^:/?#]*:\/\//, ''));
  const asParameter = /(?:^|[?&\s])(?:ssl)?password\s*=\s*[^&\s]/i.exec(literal);
  return inAuthority !== null || asParameter !== null;
}

function refuseLiteralPassword(url: string, where: string) {
  if (!hasLiteralPassword(url)) return;
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
