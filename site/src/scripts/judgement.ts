import { evaluate, type Health } from '../../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../../src/health/facts.ts';
import type { Policy } from '../../../src/health/policy.ts';

/** The facts that this page judges: at first those it was built with, later newer ones. */
export interface Judgement {
  facts: DatabaseFacts[];
  policy: Policy;
  generatedAt: string;
  /** The one that the page is about; null: all. */
  database: string | null;
  statusUrl: string;
  backupsUrl: string;
}

const gravity = { good: 0, warning: 1, critical: 2 };

export function readJudgement(): Judgement {
  return JSON.parse(document.getElementById('judgement')?.textContent ?? '');
}

/** The verdict that facts had when they were gathered. */
export function atFirst({ facts, policy, generatedAt }: Judgement): Health {
  return evaluate(facts, policy, Date.parse(generatedAt));
}

/** Time alone never makes a verdict better; when it seems to, a clock is wrong and the graver verdict stands. */
export function judge(judgement: Judgement, now: number): Health {
  const before = atFirst(judgement);
  const later = evaluate(judgement.facts, judgement.policy, now);
  return gravity[later.state] < gravity[before.state] ? before : later;
}
