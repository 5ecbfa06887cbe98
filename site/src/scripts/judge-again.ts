import { evaluate, type Health } from '../../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../../src/health/facts.ts';
import type { Policy } from '../../../src/health/policy.ts';
import { showAges, showDeadlines } from './show-times.ts';
import { showVerdict } from './show-verdict.ts';

/**
 * Judges the facts again with the reader's clock, because the page may be long out of date: whoever should have
 * built a newer one may be the very thing that broke.
 */

interface Judgement {
  facts: DatabaseFacts[];
  policy: Policy;
  generatedAt: string;
}

const { facts, policy, generatedAt } = JSON.parse(
  document.getElementById('judgement')?.textContent ?? '',
) as Judgement;
const computedAt = Date.parse(generatedAt);
const atFirst = evaluate(facts, policy, computedAt);
const gravity = { good: 0, warning: 1, critical: 2 };

/** Time alone never makes a verdict better; when it seems to, a clock is wrong and the graver verdict stands. */
function judge(now: number): Health {
  const later = evaluate(facts, policy, now);
  return gravity[later.state] < gravity[atFirst.state] ? atFirst : later;
}

function refresh(): void {
  const clock = Date.now();
  // A clock behind the page can't tell the age of anything on it.
  const now = Math.max(clock, computedAt);
  const health = judge(now);
  showVerdict(health, { facts, policy, atFirst, clock, computedAt });
  showDeadlines(health, facts, policy, now);
  showAges(policy, now);
}

refresh();
setInterval(refresh, 60_000);
// Timers sleep in background tabs and in pages kept for the back button.
document.addEventListener('visibilitychange', refresh);
addEventListener('pageshow', refresh);
