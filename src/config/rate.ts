import { z } from 'zod';

const expected = 'a size in a second such as 500kB, 20MB or 1.5GB';
const unitsBytes: Record<string, number> = { kB: 1e3, MB: 1e6, GB: 1e9 };

/** Text such as `20MB`, as bytes in a second. */
export const rate = z
  .string(expected)
  .regex(/^\d+(\.\d+)?(kB|MB|GB)$/, expected)
  .transform((text) => Math.round(Number.parseFloat(text) * unitsBytes[text.slice(-2)]!))
  .refine((bytes) => bytes > 0, 'more than nothing');
