import { copyText } from './copy-rows.ts';
import type { Random } from './random.ts';
import { companyForms, companyStems, type Language, languages } from './vocabulary.ts';

/** A language whose texts are COPY text already, so that a row is nothing but joined strings. */
export interface Speaker extends Language {
  /** Names as an e-mail address spells them. */
  readonly mailNames: readonly string[];
}

function speakerOf(language: Language): Speaker {
  const escaped = (texts: readonly string[]) => texts.map(copyText);
  return {
    ...language,
    mailNames: language.lastNames.map((name) => mailName(name) || `kunde-${language.code}`),
    greetings: escaped(language.greetings),
    wishes: escaped(language.wishes),
    parts: escaped(language.parts),
    times: escaped(language.times),
    closings: escaped(language.closings),
  };
}

/** German is spoken most, Japanese least. */
export const speakers: readonly Speaker[] = languages.flatMap((language, place) =>
  Array<Speaker>(languages.length - place).fill(speakerOf(language)),
);

/** The customer of an enquiry keeps one language through everything that follows from it. */
export function speakerOfEnquiry(id: number): Speaker {
  return speakers[(Math.imul(id, 0x9e3779b1) >>> 8) % speakers.length]!;
}

export function mailName(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z]/g, '');
}

export const mailHosts = [
  'example.com',
  'post.example.de',
  'Example.ORG',
  'münchen.example',
  'sub.mail.example.pl',
];

/** The id of a company by its number: spread like a random one, and unique because it holds the number. */
export function companyId(ordinal: number): string {
  const spread = Math.imul(ordinal, 0x9e3779b1) >>> 0;
  const hex = spread.toString(16).padStart(8, '0');
  return `${hex}-${hex.slice(2, 6)}-4${hex.slice(0, 3)}-8${hex.slice(5)}-${ordinal.toString(16).padStart(12, '0')}`;
}

export function companyCount(enquiries: number): number {
  return Math.ceil(enquiries / 20);
}

/** Rows of `"Company"`: id, legalName, vatId, city, country, annualRevenue, createdAt. */
export function* companyRows(random: Random, count: number, createdAt: string): Generator<string> {
  for (let ordinal = 1; ordinal <= count; ordinal++) {
    const speaker = random.pick(speakers);
    const name = copyText(
      `${random.pick(companyStems)} ${random.pick(speaker.cities)} ${random.pick(companyForms)}`,
    );
    const vat = random.chance(0.3) ? '\\N' : `${speaker.country}${100_000_000 + ordinal}`;
    const revenue = random.chance(0.4) ? '\\N' : `${random.below(900_000_000)}.${10 + random.below(90)}`;
    yield `${companyId(ordinal)}\t${name}\t${vat}\t${random.pick(speaker.cities)}\t${speaker.country}\t${revenue}\t${createdAt}\n`;
  }
}
