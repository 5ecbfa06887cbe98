import { z } from 'zod';

export const unitsMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const expected = 'a time such as 90s, 30m, 20h or 35d';

/** Text such as `20h`, as milliseconds. */
export const duration = z
  .string(expected)
  .regex(/^\d+(\.\d+)?[smhd]$/, expected)
  .transform((text) => Math.round(Number.parseFloat(text) * unitsMs[text.at(-1)!]!))
  .refine((ms) => ms > 0, 'a time longer than nothing');
