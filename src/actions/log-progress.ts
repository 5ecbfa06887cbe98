import { formatBytes, formatDuration } from '../lib/format.ts';
import type { Progress } from '../lib/progress.ts';

/** The commands of the runner that are used here; `@actions/core` has them. */
export interface Log {
  startGroup(name: string): void;
  endGroup(): void;
  info(line: string): void;
}

const lineEveryMs = 10_000;

/**
 * Progress in the log of a run: a group per step, with a line now and then.
 *
 * @param details false in a public repository: warnings name tables, so only their number is told
 */
export function logProgress(
  log: Log,
  options: { now(): number; details: boolean },
): Progress & { warnings: string[]; close(): void } {
  const { now, details } = options;
  const warnings: string[] = [];
  let isOpen = false;
  const close = () => {
    if (isOpen) log.endGroup();
    isOpen = false;
  };
  return {
    warnings,
    close,
    step(title) {
      close();
      log.startGroup(title);
      isOpen = true;
      const startedMs = now();
      let spokenMs = startedMs;
      const took = () => formatDuration(now() - startedMs);
      const end = (line: string) => {
        close();
        log.info(line);
      };
      return {
        update({ rows, bytes, totalBytes }) {
          if (now() - spokenMs < lineEveryMs) return;
          spokenMs = now();
          const share = totalBytes ? `, ${Math.min(100, Math.round((bytes / totalBytes) * 100))} %` : '';
          const counted = rows > 0 ? `${rows.toLocaleString('en')} rows, ` : '';
          log.info(`${counted}${formatBytes(bytes)}${share} after ${took()}`);
        },
        done: (result) => end(`✓ ${title}: ${result} (${took()})`),
        failed: () => end(`✗ ${title} (${took()})`),
      };
    },
    warn(warning) {
      warnings.push(warning);
      log.info(
        details ? `! ${warning}` : '! A warning, which may name tables: not shown in a public repository.',
      );
    },
  };
}
