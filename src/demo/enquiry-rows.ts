import { copyText, sqlNull } from './copy-rows.ts';
import { companyCount, companyId, mailHosts, type Speaker, speakerOfEnquiry } from './customers.ts';
import { messageText, phoneText } from './messages.ts';
import type { Random } from './random.ts';
import { dateText, moneyText, type Timeline, timestampText } from './timeline.ts';

export const enquiryColumns =
  'id, reference, company_id, assigned_to, name, email, phone, subject, message, status, source, ' +
  'labels, ratings, payload, budget, due_on, closed_at, created_at, updated_at';

const sources = ['web form', 'web form', 'web form', 'phone', 'referral', 'trade fair', 'import'];
const campaigns = ['spring', 'küche-2026', 'none', 'tischler & co', '木'].map((text) =>
  copyText(JSON.stringify(text)),
);
const notes = ['call "after" six', 'C:\\scan\\1.pdf', 'two\nlines', '€ 1.200,–', '🪵', ''].map((text) =>
  copyText(JSON.stringify(text)),
);
const labelArrays = [
  '{}',
  '{}',
  '{}',
  '{vip}',
  '{kitchen,urgent}',
  '{"needs, quote","say \\"hi\\""}',
  '{NULL,"NULL",""}',
  '{"Tür & Tor","C:\\\\x","{curly}"}',
].map(copyText);
const ratingArrays = [
  sqlNull,
  sqlNull,
  sqlNull,
  '{5,4}',
  '{}',
  '{3,NULL,1}',
  '{{1,2},{3,4}}',
  '[0:2]={5,5,4}',
];
const dayUs = 86_400_000_000;

/** Rows of `enquiries` in the order of their arrival, ids from 1. */
export function* enquiryRows(
  random: Random,
  options: { enquiries: number; staff: number; timeline: Timeline },
): Generator<string> {
  const { enquiries, staff, timeline } = options;
  const companies = companyCount(enquiries);
  for (let id = 1; id <= enquiries; id++) {
    const speaker = speakerOfEnquiry(id);
    const createdUs = timeline.enquiryUs(id);
    const ageUs = timeline.nowUs - createdUs;
    const updatedUs = createdUs + Math.floor(Math.min(ageUs, 60 * dayUs) * random.fraction());
    const status = statusAfter(random, ageUs);
    const closed = status === 'won' || status === 'lost' ? timestampText(updatedUs) : sqlNull;
    const company = random.chance(0.4) ? companyId(1 + random.below(companies)) : sqlNull;
    const assigned = status === 'new' || random.chance(0.05) ? sqlNull : String(1 + random.below(staff));
    yield `${id}\tENQ-${String(id).padStart(8, '0')}\t${company}\t${assigned}\t${person(random, speaker, id)}\t${subject(
      random,
      speaker,
    )}\t${messageText(random, speaker, id)}\t${status}\t${random.pick(sources)}\t${random.pick(labelArrays)}\t${random.pick(
      ratingArrays,
    )}\t${payload(random)}\t${budget(random)}\t${dueOn(random, id, createdUs)}\t${closed}\t${timestampText(
      createdUs,
    )}\t${timestampText(updatedUs)}\n`;
  }
}

function statusAfter(random: Random, ageUs: number): string {
  if (ageUs < 14 * dayUs) return random.chance(0.5) ? 'new' : 'open';
  const luck = random.below(100);
  if (luck < 4) return 'open';
  if (luck < 8) return 'waiting for customer';
  return luck < 45 ? 'won' : 'lost';
}

function person(random: Random, speaker: Speaker, id: number): string {
  const last = random.below(speaker.lastNames.length);
  const mail = `${speaker.mailNames[last]}.${id}@${random.pick(mailHosts)}`;
  return `${random.pick(speaker.firstNames)} ${speaker.lastNames[last]}\t${mail}\t${optional(random, phoneText(random))}`;
}

function subject(random: Random, speaker: Speaker): string {
  return optional(random, `${random.pick(speaker.parts)}, ${random.pick(speaker.times)}`);
}

/** NULL and the empty string mean different things here, and a backup that mixes them up has lost something. */
function optional(random: Random, value: string): string {
  const luck = random.below(100);
  if (luck < 12) return sqlNull;
  return luck < 17 ? '' : value;
}

function payload(random: Random): string {
  if (random.chance(0.25)) return random.chance(0.2) ? '{}' : sqlNull;
  const rooms = random.below(9);
  const floors = rooms > 4 ? `[${rooms}, [${rooms - 4}, null]]` : '[]';
  return `{"utm": {"campaign": ${random.pick(campaigns)}, "click": "${(random.bits() >>> 0).toString(16)}"}, "form": {"rooms": ${rooms}, "floors": ${
    floors
  }, "pets": ${random.chance(0.3)}, "area": ${random.below(400)}.50}, "note": ${random.pick(notes)}}`;
}

function budget(random: Random): string {
  return random.chance(0.35) ? sqlNull : moneyText(random.below(4_000_000));
}

function dueOn(random: Random, id: number, createdUs: number): string {
  if (id % 150 === 5) return 'infinity';
  return random.chance(0.6) ? sqlNull : dateText(createdUs + (7 + random.below(200)) * dayUs);
}
