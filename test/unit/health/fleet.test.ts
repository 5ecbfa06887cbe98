import { expect, test } from 'vitest';
import { evaluate } from '../../../src/health/evaluate.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { backup, dayMs, hourMs, noon, policy, verify } from '../../support/status-fixture.ts';

test('fifty databases of four hundred checked backups are judged in a moment', () => {
  const names = Array.from({ length: 50 }, (_, index) => `crm-${index}`);
  const records: LedgerRecord[] = [];
  for (const database of names) {
    for (let day = 400; day > 0; day -= 1) {
      const made = backup(noon - day * dayMs, { database });
      records.push(made, verify(noon - day * dayMs + hourMs, made, { database }));
    }
  }
  // Processor time, because other tests run beside this one. Comparing each backup with each check takes ten times as long.
  const before = process.cpuUsage();
  const facts = gatherFacts(records, names, { now: noon });
  expect(evaluate(facts, policy, noon).databases).toHaveLength(50);
  expect(process.cpuUsage(before).user).toBeLessThan(1_500_000);
});
