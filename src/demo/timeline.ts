const dayUs = 86_400_000_000;
/** The CRM's own history; older activity is what the system before it left. */
const historyDays = 548;

/** When things happened, in microseconds since 1970, all derived from one given moment. */
export interface Timeline {
  readonly startUs: number;
  readonly nowUs: number;
  /** Enquiries arrive evenly, in the order of their numbers (1 to `enquiries`). */
  enquiryUs(ordinal: number): number;
}

export function timelineUntil(now: Date, enquiries: number): Timeline {
  const nowUs = now.getTime() * 1000;
  const startUs = nowUs - historyDays * dayUs;
  const stepUs = (nowUs - startUs) / (enquiries + 1);
  return { startUs, nowUs, enquiryUs: (ordinal) => Math.floor(startUs + ordinal * stepUs) };
}

const minuteTexts = Array.from({ length: 1440 }, (_, minute) => {
  const hour = String(Math.floor(minute / 60)).padStart(2, '0');
  return ` ${hour}:${String(minute % 60).padStart(2, '0')}:`;
});
const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));
const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));
const dateTexts = new Map<number, string>();

/** A date, `2026-11-22`, in UTC. */
export function dateText(us: number): string {
  const day = Math.floor(us / dayUs);
  let text = dateTexts.get(day);
  if (text === undefined) {
    text = new Date(day * 86_400_000).toISOString().slice(0, 10);
    dateTexts.set(day, text);
  }
  return text;
}

/** A timestamptz, `2026-11-22 02:00:00.123456+00`. By tables, because `toISOString` is most of a row's time. */
export function timestampText(us: number): string {
  const inDay = us - Math.floor(us / dayUs) * dayUs;
  const seconds = Math.floor(inDay / 1_000_000);
  const micros = inDay - seconds * 1_000_000;
  return `${dateText(us)}${minuteTexts[Math.floor(seconds / 60)]}${twoDigits[seconds % 60]}.${
    threeDigits[Math.floor(micros / 1000)]
  }${threeDigits[micros % 1000]}+00`;
}

/** An amount of whole cents as a decimal number. */
export function moneyText(cents: number): string {
  return `${Math.floor(cents / 100)}.${twoDigits[cents % 100]}`;
}
