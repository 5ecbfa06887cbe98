import { t } from './words/index.ts';

/** Numbers and times as the page says them; shared by the build and by the script in the reader's browser. */

/** `22 Nov 2026, 02:00 UTC` */
export function utc(instant: string | number): string {
  const date = new Date(instant);
  const [hours, minutes] = [date.getUTCHours(), date.getUTCMinutes()].map((n) => String(n).padStart(2, '0'));
  return `${day(instant, true)}, ${hours}:${minutes} UTC`;
}

/** `22 Nov`, in UTC */
export function day(instant: string | number, withYear = false): string {
  const date = new Date(instant);
  return t.day(
    date.getUTCDate(),
    t.months[date.getUTCMonth()]!,
    withYear ? date.getUTCFullYear() : undefined,
  );
}

/** A span of time in its two largest units: `3 d 4 h`, `6 h 12 min`, `4 min`; cut off, never rounded up. */
export function span(milliseconds: number): string {
  const { d, h, min, moment } = t.units;
  const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (days > 0) return hours > 0 ? `${days} ${d} ${hours} ${h}` : `${days} ${d}`;
  if (hours > 0) return rest > 0 ? `${hours} ${h} ${rest} ${min}` : `${hours} ${h}`;
  return minutes > 0 ? `${minutes} ${min}` : moment;
}

/** How long something took: `0.4 s`, `41.4 s`, `1 min 34 s`, `2 min`, `1 h 3 min`. */
export function duration(milliseconds: number): string {
  const { h, min, s } = t.units;
  if (milliseconds < 59_950) return `${decimal(milliseconds / 1000, 1)} ${s}`;
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (most: string, least: number, unit: string) => (least > 0 ? `${most} ${least} ${unit}` : most);
  return hours > 0 ? two(`${hours} ${h}`, minutes, min) : two(`${minutes} ${min}`, seconds % 60, s);
}

/** Decimal units, as stores bill them. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const places = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${decimal(value, places)} ${units[unit]}`;
}

/** Thousands apart: `48,213`. */
export function whole(count: number): string {
  return decimal(count, 0);
}

/** Made once: making one takes longer than a thousand uses of it. */
const decimals = [0, 1, 2].map(
  (places) =>
    new Intl.NumberFormat(t.numbers, { minimumFractionDigits: places, maximumFractionDigits: places }),
);

function decimal(value: number, places: 0 | 1 | 2): string {
  return decimals[places]!.format(value);
}

/** `99.8 %`, rounded down, so that only all of it is 100 %. */
export function percent(part: number): string {
  const shown = Math.floor(part * 1000) / 10;
  return `${decimal(shown, shown % 1 === 0 ? 0 : 1)} %`;
}
