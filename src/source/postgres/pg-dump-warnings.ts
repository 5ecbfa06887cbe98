import type { NotCarried } from './catalog.ts';

/**
 * What pg_dump says on stderr and yet calls itself successful: something was left out, or looked odd to it. What is known and
 * named elsewhere is dropped; the rest is for people to read.
 *
 * @param complaint its stderr
 * @param notCarried what the manifest will name
 */
export function unexpectedWarnings(complaint: string, notCarried: readonly NotCarried[]): string[] {
  const isNamed = (line: string) =>
    // The bundled one looks for its own program file, and as WASM it has none.
    /could not find a "pg_dump" to execute/.test(line) ||
    (/subscriptions not dumped/.test(line) && notCarried.some(({ kind }) => kind === 'subscription'));
  return messages(complaint)
    .filter((message) => !isNamed(message))
    .map((message) => `pg_dump says: ${message}`);
}

/** Detail and hint belong to the message before them. */
function messages(complaint: string): string[] {
  const found: string[] = [];
  for (const line of complaint.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const isContinued = /^(?:pg_dump: )?(?:detail|hint):/i.test(line) && found.length > 0;
    if (isContinued) found.push(`${found.pop()} ${line}`);
    else found.push(line.replace(/^pg_dump: (?:warning: )?/, ''));
  }
  return found;
}
