/** Geometry of the charts: times and values into a field of 1000 by 100 units, which CSS then stretches. */

export interface Plot {
  /** Instants in milliseconds. */
  fromMs: number;
  toMs: number;
  low: number;
  high: number;
}

export const width = 1000;
export const height = 100;

export function x(plot: Plot, at: string | number): number {
  const share = (new Date(at).getTime() - plot.fromMs) / (plot.toMs - plot.fromMs);
  return round(Math.min(1, Math.max(0, share)) * width);
}

export function y(plot: Plot, value: number): number {
  const share = (value - plot.low) / (plot.high - plot.low);
  return round((1 - Math.min(1, Math.max(0, share))) * height);
}

/** Dots are lines without length and with round ends: they stay round however the field is stretched. */
export function dots(plot: Plot, points: readonly { at: string; value: number }[]): string {
  return points.map(({ at, value }) => `M${x(plot, at)} ${y(plot, value)}h0`).join('');
}

/** The area between two lines; no upper end: up to the top of the field. */
export function band(
  plot: Plot,
  points: readonly { at: string; low: number; high: number | null }[],
): string {
  if (points.length < 2) return '';
  const upper = points.map(({ at, high }) => `${x(plot, at)} ${high === null ? 0 : y(plot, high)}`);
  const lower = points.map(({ at, low }) => `${x(plot, at)} ${y(plot, low)}`).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
