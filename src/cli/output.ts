import { HoldfastError } from '../lib/errors.ts';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** What happened and what to do next; a stack only for what is a bug. */
export function printError(error: unknown): void {
  if (error instanceof HoldfastError) {
    process.stderr.write(`\n✗ ${error.message}\n${error.hint ? `  → ${error.hint}\n` : ''}`);
    return;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(
    `\n✗ This is a bug in Holdfast. Nothing more was done.\n${stack}\n  → Please report it with the lines above.\n`,
  );
}
