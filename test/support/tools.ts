import { execFileSync } from 'node:child_process';

/**
 * Which of these programs are missing. A test that needs them is skipped and says so; where CI_REQUIRE_TOOLS is set a
 * missing one is a failure.
 */
export function missingTools(purpose: string, ...names: string[]): string[] {
  const missing = names.filter((name) => {
    try {
      execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return [];
  sayWhySkipped(`${purpose}: ${missing.join(', ')} not installed`);
  return missing;
}

/** Where everything must be there (CI_REQUIRE_TOOLS), being skipped is a failure: a skipped test proves nothing. */
export function sayWhySkipped(reason: string) {
  if (process.env['CI_REQUIRE_TOOLS']) throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
}
