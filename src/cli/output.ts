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

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
