import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.some((folder) => existsSync(join(folder, program)));
}

/**
 * Whether a test that needs something of the machine can run. It says why when it can't, and where everything must be
 * there (CI_REQUIRE_TOOLS=1) that is a failure: a skipped test proves nothing.
 */
export function canRun(what: string, isThere: boolean): boolean {
  if (isThere) return true;
  if (process.env['CI_REQUIRE_TOOLS'] === '1') throw new Error(`CI_REQUIRE_TOOLS=1, but there is no ${what}`);
  process.stderr.write(`skipped: there is no ${what}\n`);
  return false;
}
