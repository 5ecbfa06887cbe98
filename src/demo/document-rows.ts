import { copyText } from './copy-rows.ts';
import { speakerOfEnquiry } from './customers.ts';
import { letterText } from './messages.ts';
import type { Random } from './random.ts';
import { type Timeline, timestampText } from './timeline.ts';

export const documentColumns = 'id, enquiry_id, uploaded_by, file_name, mime_type, content, uploaded_at';

const photoStart = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00]);
const photoNames = ['IMG 0042.jpg', 'Küche (alt).JPG', "Opa's Schrank.jpg", '写真.jpg', 'a\\b\tc.jpg'].map(
  copyText,
);
const noteNames = ['notiz.txt', 'Aufmaß "EG".txt', '.hidden', 'no extension'].map(copyText);
const longestPhoto = 48 * 1024;

/** Rows of `documents`, one for every 50 enquiries: photos that do not compress, and notes that do. */
export function* documentRows(
  random: Random,
  options: { enquiries: number; staff: number; timeline: Timeline },
): Generator<string> {
  const { enquiries, staff, timeline } = options;
  for (let enquiry = 25; enquiry <= enquiries; enquiry += 50) {
    const uploader = random.chance(0.1) ? '\\N' : String(1 + random.below(staff));
    yield `${random.uuid()}\t${enquiry}\t${uploader}\t${file(random, enquiry)}\t${timestampText(timeline.enquiryUs(enquiry))}\n`;
  }
}

/** The columns file_name, mime_type and content. */
function file(random: Random, enquiry: number): string {
  // In every 20, an upload that never arrived and one that arrived empty.
  if (enquiry % 1000 === 75) return `${random.pick(photoNames)}\timage/jpeg\t\\N`;
  if (enquiry % 1000 === 125) return `${random.pick(noteNames)}\ttext/plain\t\\\\x`;
  if (random.chance(0.4)) {
    const note = Buffer.from(letterText(random, speakerOfEnquiry(enquiry)).replaceAll('\\n', '\n'));
    return `${random.pick(noteNames)}\ttext/plain\t\\\\x${note.toString('hex')}`;
  }
  return `${random.pick(photoNames)}\timage/jpeg\t\\\\x${photo(random).toString('hex')}`;
}

function photo(random: Random): Buffer {
  const words = new Int32Array(256 + random.below(longestPhoto / 4));
  for (let place = 0; place < words.length; place++) words[place] = random.bits();
  const bytes = Buffer.from(words.buffer);
  photoStart.copy(bytes);
  return bytes;
}
