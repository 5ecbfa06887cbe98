import { copyText } from './copy-rows.ts';
import type { Speaker } from './customers.ts';
import type { Random } from './random.ts';
import { awkwardMessages } from './vocabulary.ts';

const awkward = awkwardMessages.map(copyText);

/**
 * What a customer wrote in enquiry `id`, as COPY text: mostly a few hundred characters. The first enquiries are all
 * the awkward ones, so that the smallest CRM has each; some long threads follow.
 */
export function messageText(random: Random, speaker: Speaker, id: number): string {
  if (id <= awkward.length) return awkward[id - 1]!;
  if (random.chance(0.01)) return random.pick(awkward);
  return id % 500 === 15 ? threadText(random, speaker) : letterText(random, speaker);
}

export function letterText(random: Random, speaker: Speaker): string {
  let text = `${random.pick(speaker.greetings)},\\n\\n${random.pick(speaker.wishes)}, ${random.pick(speaker.times)}.`;
  for (let parts = random.below(12); parts > 0; parts--) text += `\\n- ${partText(random, speaker)}`;
  if (random.chance(0.5)) text += `\\n\\n${random.pick(speaker.wishes)}? (${phoneText(random)})`;
  return `${text}\\n\\n${random.pick(speaker.closings)}\\n${random.pick(speaker.firstNames)}`;
}

/** A mail thread of 10 to 60 KB, quoted deeper and deeper: long enough to be stored out of line. */
function threadText(random: Random, speaker: Speaker): string {
  let text = '';
  for (let letters = 25 + random.below(120); letters > 0; letters--) {
    text += `> ${letterText(random, speaker)}\\r\\n`;
  }
  return text;
}

/** `3 × Schublade 1204 × 560 mm`: the numbers keep the text from compressing better than real mail does. */
export function partText(random: Random, speaker: Speaker): string {
  const size = random.below(4_000_000);
  return `${1 + random.below(9)} × ${random.pick(speaker.parts)} ${200 + (size % 2000)} × ${50 + Math.floor(size / 2000)} mm`;
}

export function phoneText(random: Random): string {
  return `+${30 + random.below(60)} ${100 + random.below(900)} ${1_000_000 + random.below(9_000_000)}`;
}
