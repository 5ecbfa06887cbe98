/**
 * How often automated backups may be made. A rule holds for all of its words together; rules do not count against one
 * another, and manual backups count against none.
 */
export interface Rule {
  name: string;
  words: readonly string[];
  /** The least time between two backups; null: always allowed. */
  minimumMinutes: number | null;
}

/** The mission's rules. `scheduled` has no limit of its own, because the schedule is one. */
export const missionRules: readonly Rule[] = [
  { name: 'form_submission', words: ['form_submission', 'form_submit'], minimumMinutes: 60 },
  { name: 'enquiry_update', words: ['enquiry_update', 'enquiry_updated'], minimumMinutes: 30 },
  {
    name: 'critical_operation',
    words: [
      'critical_operation',
      'critical',
      'csv_import',
      'bulk_import',
      'bulk_update',
      'bulk_delete',
      'cleanup',
    ],
    minimumMinutes: null,
  },
  { name: 'scheduled', words: ['scheduled', 'schedule', 'cron', 'holdfast'], minimumMinutes: null },
];

/** Trigger of the backup that a restore makes first; never to be given by a caller. */
export const preRestoreTrigger = 'pre-restore';

/** `CSV import` and `csv-import` are `csv_import`. */
export function triggerWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** The rule of a trigger; null when no rule knows it. */
export function ruleOf(trigger: string, rules: readonly Rule[]): Rule | null {
  const word = triggerWord(trigger);
  return rules.find(({ words }) => words.includes(word)) ?? null;
}

/**
 * When the next backup under a rule may be made; null: now.
 *
 * A last backup that lies further in the future than the rule reaches is the mark of a clock that was set back, and is
 * not believed: better one backup too many than none for a year.
 *
 * @param lastMs when the newest complete one was made, of those made under this rule; null when there is none
 */
export function nextAllowedMs(rule: Rule, lastMs: number | null, nowMs: number): number | null {
  if (rule.minimumMinutes === null || lastMs === null) return null;
  const gapMs = rule.minimumMinutes * 60_000;
  if (lastMs > nowMs + gapMs) return null;
  return lastMs + gapMs > nowMs ? lastMs + gapMs : null;
}
