import { copyRow, copyText } from './copy-rows.ts';

/** Numbers written as text where JavaScript would round them or could not say them. */
const settings: readonly [key: string, json: string][] = [
  ['smtp', '{"host": "mail.example", "port": 587, "tls": true, "from": "Tischlerei <büro@joinery.example>"}'],
  ['opening hours', '{"mon": ["07:30", "16:00"], "sat": null, "sun": []}'],
  ['vat', '0.19'],
  ['last import cursor', '12345678901234567890.123456789012345678901234567890'],
  ['smallest lot', '1e-30'],
  ['signature', JSON.stringify('Viele Grüße\n\t"Die Tischlerei" \\ 🪚\u2028')],
  ['feature flags', '{"": {"": [[], {}, [null, false, "", 0]]}, "a.b": {"$ref": "#/"}}'],
  ['maintenance', 'null'],
  ['', '"the empty key"'],
];

/** name, measured, exact, spent, taken_at, valid_until: what dividing by zero and "for ever" leave behind. */
const metrics: readonly (string | null)[][] = [
  ['conversion rate, closed days', 'NaN', 'NaN', null, '2026-01-01 00:00:00+00', null],
  ['margin, no sales', '-0', '0.00', '-00:00:00.000001', '2026-01-01 00:00:00+00', null],
  ['margin, free of charge', 'Infinity', 'Infinity', null, '2026-01-01 00:00:00.000001+00', 'infinity'],
  ['loss, free of charge', '-Infinity', '-Infinity', null, '2026-01-01 00:00:00.999999+00', '-infinity'],
  [
    'drawing error',
    '4.9406564584124654e-324',
    '0.000000000000000000000000000001',
    null,
    '-infinity',
    'infinity',
  ],
  [
    'dust',
    '1.7976931348623157e+308',
    '9'.repeat(131),
    null,
    '0044-03-15 12:00:00+00 BC',
    '294276-12-31 23:59:59+00',
  ],
  [
    'tenth and fifth',
    '0.30000000000000004',
    '0.30',
    '1 year 2 mons -3 days 04:05:06.789',
    '2026-06-30 22:00:00+00',
    null,
  ],
];

const reports: readonly (string | number | null)[][] = [
  [1999, 'Altbestand', null, null],
  [2024, 'Küchen', '1204567.89', 'laut "Excel" \\ Blatt 2'],
  [2025, 'Küchen', '-0.01', ''],
  [2025, 'Türen 🚪', '99999999999.99', 'Zeile 1\r\nZeile 2\tTab'],
  [-44, 'Iden des März', '0', "l'été"],
];

export const settingRows = (updatedAt: string) =>
  settings.map(([key, json]) => `${copyText(key)}\t${copyText(json)}\t${updatedAt}\n`);
export const metricRows = () => metrics.map(copyRow);
export const reportRows = () => reports.map(copyRow);
export const hourlyRateRows = () => [
  copyRow(['(,2025-01-01)', '58.50']),
  copyRow(['[2025-01-01,2026-07-01)', '64.00']),
  copyRow(['[2026-07-01,)', '67.25']),
];
