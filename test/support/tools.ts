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
  const message = `${purpose}: ${missing.join(', ')} not installed`;
  if (process.env['CI_REQUIRE_TOOLS']) throw new Error(message);
  process.stderr.write(`skipped: ${message}\n`);
  return missing;
}
