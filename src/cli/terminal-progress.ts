import { formatBytes, formatDuration } from '../lib/format.ts';
import type { Progress, Step } from '../lib/progress.ts';

/** Just what is used of a stream such as stderr. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const redrawMs = 100;
const plainLineMs = 10_000;

/** Progress for people: a bar that redraws itself on a terminal, a line now and then elsewhere. */
export function terminalProgress(screen: Screen, now: () => number): Progress {
  return {
    step: (title) => (screen.isTTY ? barStep(screen, title, now) : plainStep(screen, title, now)),
    warn: (text) => screen.write(`! ${text}\n`),
  };
}

type State = Parameters<Step['update']>[0];

function plainStep(screen: Screen, title: string, now: () => number): Step {
  const startedMs = now();
  let spokenMs = startedMs;
  return {
    update(state) {
      if (now() - spokenMs < plainLineMs) return;
      spokenMs = now();
      screen.write(`  ${title}: ${describe(state, now() - startedMs)}\n`);
    },
    done: (text) => screen.write(`✓ ${title}: ${text} (${formatDuration(now() - startedMs)})\n`),
    failed: () => screen.write(`✗ ${title} (${formatDuration(now() - startedMs)})\n`),
  };
}

function barStep(screen: Screen, title: string, now: () => number): Step {
  const startedMs = now();
  let drawnMs = 0;
  const draw = (text: string) => screen.write(`\r\x1b[2K${text.slice(0, (screen.columns ?? 80) - 1)}`);
  const end = (mark: string, text: string) => {
    draw('');
    screen.write(`${mark} ${title}${text} (${formatDuration(now() - startedMs)})\n`);
  };
  draw(`  ${title} …`);
  return {
    update(state) {
      if (now() - drawnMs < redrawMs) return;
      drawnMs = now();
      draw(`  ${bar(state)} ${title}: ${describe(state, now() - startedMs)}`);
    },
    done: (text) => end('✓', `: ${text}`),
    failed: () => end('✗', ''),
  };
}

function bar({ bytes, totalBytes }: State): string {
  const cells = 20;
  if (!totalBytes) return '░'.repeat(cells);
  const filled = Math.round(Math.min(1, bytes / totalBytes) * cells);
  return '█'.repeat(filled) + '░'.repeat(cells - filled);
}

/** Rows, bytes, rate and time left. The total is an estimate, so the end may come earlier or later. */
function describe({ rows, bytes, totalBytes }: State, elapsedMs: number): string {
  const parts = rows > 0 ? [`${rows.toLocaleString('en')} rows`] : [];
  parts.push(formatBytes(bytes), `${formatBytes(bytes / Math.max(0.001, elapsedMs / 1000))}/s`);
  if (totalBytes && bytes > 0 && bytes < totalBytes)
    parts.push(`about ${formatDuration((elapsedMs / bytes) * (totalBytes - bytes))} left`);
  return parts.join(', ');
}
