import { copyText, sqlNull } from './copy-rows.ts';
import { type Speaker, speakerOfEnquiry } from './customers.ts';
import { partText, phoneText } from './messages.ts';
import type { Random } from './random.ts';
import { type Timeline, timestampText } from './timeline.ts';

export const activityColumns = 'id, enquiry_id, staff_id, kind, detail, changes, ip, created_at';

const kinds = ['email', 'email', 'call', 'note', 'status', 'visit'];
const statusChanges = [
  { from: 'new', to: 'open' },
  { from: 'open', to: 'waiting for customer', because: 'says "later"\n(in autumn)' },
  { from: 'waiting for customer', to: 'lost', because: null },
  { from: 'open', to: 'won', contract: { pages: [1, 2], signed: true } },
].map((change) => copyText(JSON.stringify(change)));
const dayUs = 86_400_000_000;

/** Rows of `activity_log`, about ten per enquiry, each enquiry's in the order of time and none after `now`. */
export function* activityRows(
  random: Random,
  options: { enquiries: number; staff: number; timeline: Timeline },
): Generator<string> {
  const { enquiries, staff, timeline } = options;
  let id = 0;
  for (let enquiry = 1; enquiry <= enquiries; enquiry++) {
    const speaker = speakerOfEnquiry(enquiry);
    let atUs = timeline.enquiryUs(enquiry);
    if (enquiry % 400 === 1) {
      const yearsUs = (500 + random.below(2000)) * dayUs;
      yield `${++id}\t${enquiry}\t\\N\timported\tKundenkartei, Blatt ${random.below(9999)}\t\\N\t\\N\t${timestampText(timeline.startUs - yearsUs)}\n`;
    }
    yield `${++id}\t${enquiry}\t\\N\tcreated\t\\N\t\\N\t${ipText(random)}\t${timestampText(atUs)}\n`;
    for (let more = 4 + random.below(11); more > 0; more--) {
      const patience = random.fraction() * random.fraction();
      atUs += Math.floor(Math.min(timeline.nowUs - atUs, 20 * dayUs) * patience);
      const who = random.chance(0.03) ? sqlNull : String(1 + random.below(staff));
      yield `${++id}\t${enquiry}\t${who}\t${happening(random, speaker)}\t${timestampText(atUs)}\n`;
    }
  }
}

/** The columns kind, detail, changes and ip. */
function happening(random: Random, speaker: Speaker): string {
  const kind = random.pick(kinds);
  if (kind === 'status') return `status\t\t${random.pick(statusChanges)}\t${ipText(random)}`;
  if (kind === 'call') return `call\t${phoneText(random)}, ${1 + random.below(40)} min\t\\N\t\\N`;
  if (kind === 'note') return `note\t${random.pick(speaker.wishes)}: ${partText(random, speaker)}\t\\N\t\\N`;
  const about = `${partText(random, speaker)}, ${random.pick(speaker.times)}`;
  return kind === 'visit' ? `visit\t${about}\t\\N\t\\N` : `email\tRe: ${about}\t\\N\t${ipText(random)}`;
}

function ipText(random: Random): string {
  const bits = random.bits() >>> 0;
  if (bits % 10 === 0) return `2001:db8::${(bits >>> 16).toString(16)}:${(bits & 0xffff).toString(16)}`;
  return `${1 + ((bits >>> 24) % 223)}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}
