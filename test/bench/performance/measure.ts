import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What a command took, all its processes together. */
export interface Run {
  wallMs: number;
  clientCpuMs: number;
  serverCpuMs: number;
  /** Sum of each process's own peak. */
  peakBytes: number;
  /** Its output file or files; null when it leaves none. */
  outBytes: number | null;
  /** Figures of its own, in milliseconds. */
  own: Record<string, number>;
  stdout: string;
}

/** Ticks of /proc's clocks are a hundredth of a second on every Linux. */
const tickMs = 10;

/**
 * Runs a shell command to its end.
 *
 * @param postmaster the server's process, whose children's time is counted too
 * @throws when it fails, with its last words
 */
export async function measure(
  command: string,
  options: { postmaster: number; env: NodeJS.ProcessEnv },
): Promise<Run> {
  // `times` says what the kernel accounted of children that have ended, pipes included.
  const script = `( ${command} ); code=$?; times >&3; exit $code`;
  const serverBefore = cpuOfServer(options.postmaster);
  const started = performance.now();
  const child = spawn('sh', ['-c', script], { env: options.env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const texts = ['', '', ''];
  [child.stdout!, child.stderr!, child.stdio[3]!].forEach((stream, index) => {
    stream.on('data', (bytes) => {
      texts[index] += bytes;
    });
  });
  const peaks = new Map<number, number>();
  const closed = once(child, 'close');
  let isOpen = true;
  closed.then(() => {
    isOpen = false;
  });
  while (isOpen) {
    for (const pid of descendants(child.pid!)) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, peakOf(pid)));
    await Promise.race([closed, delay(50)]);
  }
  const wallMs = performance.now() - started;
  const [code] = await closed;
  if (code !== 0)
    throw new Error(`${command.slice(0, 60)} ended with ${code}: ${texts[1]!.trim().slice(-600)}`);
  const [user = 0, system = 0] = (texts[2]!.split('\n')[1] ?? '').split(' ').map(secondsOf);
  return {
    wallMs,
    clientCpuMs: (user + system) * 1000,
    serverCpuMs: cpuOfServer(options.postmaster) - serverBefore,
    peakBytes: [...peaks.values()].reduce((sum, peak) => sum + peak, 0),
    outBytes: null,
    own: {},
    stdout: texts[0]!,
  };
}

/** `0m1.230000s` */
function secondsOf(text: string): number {
  const [, minutes = '0', seconds = '0'] = /(\d+)m([\d.]+)s/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** 0 for a shell between two programs. */
function peakOf(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  if (/^Name:\s+(sh|dash|bash)$/m.test(status)) return 0;
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** The postmaster's own time, that of its children that have ended, and that of those that run. */
export function cpuOfServer(postmaster: number): number {
  const own = timesOf(postmaster);
  const children = childrenOf(postmaster).map(timesOf);
  const all = [...own, ...children.flatMap((times) => times.slice(0, 2))];
  return all.reduce((sum, ticks) => sum + ticks, 0) * tickMs;
}

/** utime, stime, cutime and cstime; the name before them may hold anything. */
function timesOf(pid: number): number[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
}

/** The parent of a backend. */
export function parentOf(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(read(`/proc/${pid}/status`))![1]);
}
