import { HoldfastError } from '../lib/errors.ts';
import { capital } from '../lib/format.ts';

/** What the doctor found out about one thing. */
export interface Finding {
  /** What was looked at, such as `store disk`; public. */
  about: string;
  level: 'ok' | 'warning' | 'problem';
  /** One sentence. It may name hosts and tables. */
  text: string;
  /** The same for a public log, without such names. */
  publicText: string;
  /** What to do; null when there is nothing. */
  advice: string | null;
}

export const ok = (about: string, text: string, publicText = text): Finding => ({
  ...{ about, level: 'ok', text, publicText, advice: null },
});

export const warning = (about: string, text: string, advice: string, publicText = text): Finding => ({
  ...{ about, level: 'warning', text, publicText, advice },
});

export const problem = (about: string, text: string, advice: string, publicText = text): Finding => ({
  ...{ about, level: 'problem', text, publicText, advice },
});

/** What was thrown, as a finding. A bug of ours is one too: the other checks go on. */
export function thrown(about: string, error: unknown): Finding {
  if (!(error instanceof HoldfastError)) {
    const text = `This check broke: ${(error as Error)?.message ?? error}.`;
    return problem(about, text, 'It is a bug in Holdfast; please report it.', 'This check broke.');
  }
  const reason = error.publicReason;
  return {
    ...{ about, level: 'problem', text: error.message, advice: error.hint },
    publicText: `${capital(reason)}.`,
  };
}

/** One thing to look at. What it throws becomes a finding. */
export interface Check {
  about: string;
  look(): Promise<Finding[]>;
}

/** Longer than any limit of connections and requests inside of a check. */
const longestMs = 180_000;

/**
 * Looks at everything, one after another, so that nobody is asked too much at once.
 *
 * @param report is told each finding as it comes
 */
export async function examine(
  checks: readonly Check[],
  report: (finding: Finding) => void,
  limitMs = longestMs,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    for (const finding of await within(limitMs, check)) {
      findings.push(finding);
      report(finding);
    }
  }
  return findings;
}

async function within(limitMs: number, { about, look }: Check): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    const text = `There was no answer in ${Math.ceil(limitMs / 1000)} seconds.`;
    timer = setTimeout(
      () => resolve([problem(about, text, 'Is the network up, and is it reachable?')]),
      limitMs,
    );
  });
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    return [thrown(about, error)];
  } finally {
    clearTimeout(timer);
  }
}
