import { copyRow, copyText } from './copy-rows.ts';
import { mailName, speakers } from './customers.ts';
import type { Random } from './random.ts';
import { moneyText, type Timeline, timestampText } from './timeline.ts';

export const staffColumns =
  'id, email, first_name, last_name, role, manager_id, languages, works_from, hourly_rate, profile, active, created_at, updated_at';

const roles = ['sales', 'sales', 'planner', 'workshop', 'admin'];
const labels = [
  'Küche',
  'Tür',
  'Fenster',
  'Treppe',
  'stairs',
  'kitchen',
  'vip',
  'VIP',
  'no-show',
  'à rappeler',
  'pilne',
  '至急',
  'paid',
  'oak',
  'walnut',
  'quote sent',
  'line\nbreak',
  'tab\there',
  "it's",
  '"quoted"',
  'back\\slash',
  '🔥',
  '%',
  'ß',
];

export function staffCount(enquiries: number): number {
  return Math.max(3, Math.round(Math.sqrt(enquiries)));
}

/** Rows of `staff`; everyone but the first has a manager who was there before. */
export function* staffRows(random: Random, count: number, timeline: Timeline): Generator<string> {
  for (let id = 1; id <= count; id++) {
    const speaker = random.pick(speakers);
    const last = random.pick(speaker.lastNames);
    const updated = timeline.startUs + Math.floor((timeline.nowUs - timeline.startUs) * random.fraction());
    yield copyRow([
      id,
      `${mailName(last) || 'staff'}${id}@joinery.example`,
      random.pick(speaker.firstNames),
      last,
      id === 1 ? 'admin' : random.pick(roles),
      id === 1 ? null : 1 + random.below(id - 1),
      random.chance(0.1) ? '{}' : speaker.code === 'en' ? '{en}' : `{${speaker.code},en}`,
      random.chance(0.2) ? null : `0${6 + random.below(4)}:${random.chance(0.5) ? '30' : '00'}`,
      random.chance(0.1) ? null : moneyText(1_800 + random.below(6_000)),
      random.chance(0.3)
        ? null
        : JSON.stringify({ phone: random.below(900), skills: { cad: random.chance(0.5) } }),
      random.chance(0.9),
      timestampText(timeline.startUs),
      timestampText(updated),
    ]);
  }
}

/** Rows of `"Tag"`: id, label, colour. */
export function tagRows(random: Random): string[] {
  return labels.map((label, place) =>
    copyRow([place + 1, label, `#${(random.bits() >>> 8).toString(16).padStart(6, '0')}`]),
  );
}

/** Rows of `"_EnquiryToTag"`: none to three tags of each enquiry. */
export function* taggingRows(random: Random, enquiries: number): Generator<string> {
  for (let enquiry = 1; enquiry <= enquiries; enquiry++) {
    const first = random.below(labels.length);
    // Steps of 7 through 24 labels never meet one twice.
    for (let more = random.below(7) - 3; more > 0; more--) {
      yield `${enquiry}\t${((first + more * 7) % labels.length) + 1}\n`;
    }
  }
}

/** Rows of `backups`: the last 20, nightly ones with the mission's data and a few of the other kind. */
export function* backupRows(
  random: Random,
  options: { enquiries: number; staff: number; timeline: Timeline },
) {
  for (let id = 1; id <= 20; id++) {
    const atUs = options.timeline.nowUs - (20 - id) * 86_400_000_000 - random.below(600_000_000);
    const failed = id === 13;
    const manual = id % 6 === 0;
    const trigger = manual ? 'before CSV import' : 'schedule';
    const at = timestampText(atUs);
    const data = {
      enquiries: [{ id, name: "Zoë O'Brien", message: 'two\nlines \\ and "quotes"', budget: null }].slice(
        id % 2,
      ),
      staff: [{ id: 1, email: 'staff1@joinery.example' }],
      timestamp: `${at.slice(0, 10)}T${at.slice(11, 23)}Z`,
      version: '1.0',
      trigger,
    };
    const count = Math.max(0, options.enquiries - (20 - id));
    yield `${id}\t${at.slice(0, 10)}\t${failed ? '\\N' : 1 + count * 2}\t${manual ? 'manual' : 'automated'}\t${
      failed ? 'failed' : 'completed'
    }\t${failed ? '\\N' : copyText(JSON.stringify(data))}\t${count}\t${trigger}\t${at}\n`;
  }
}
