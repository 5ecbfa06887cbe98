import { expect, test } from 'vitest';
import { anomaliesSchema } from '../../../src/config/anomalies.ts';
import { anomalyPolicySchema } from '../../../src/health/anomaly/policy.ts';

test('nothing given means the defaults', () => {
  expect(anomaliesSchema.parse({})).toEqual(anomalyPolicySchema.parse({}));
});

test('every name sets the threshold it is called after', () => {
  const given = {
    window: 20,
    'cold-start': 5,
    shrink: 0.3,
    growth: 2,
    'ratio-change': 0.2,
    'table-shrink': 0.6,
    'quarantine-shrink': 0.7,
    'min-bytes': 1000,
    'min-rows': 10,
    'duration-factor': 4,
    'new-level-after': 5,
  };
  const policy: Record<string, number> = anomaliesSchema.parse(given);
  for (const [name, value] of Object.entries(given)) {
    const field = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    expect(policy[field], name).toBe(value);
  }
});

test.each([{ shrink: 10 }, { shrink: 0 }, { window: 0 }, { 'min-rows': -1 }, { nonsense: 1 }])(
  'refuses %o',
  (rules) => {
    expect(anomaliesSchema.safeParse(rules).success).toBe(false);
  },
);
