import { type DumpPart, readDump } from '../archive/read-dump.ts';
import type { Deps } from '../deps.ts';
import { interrupted } from '../ledger/attempt.ts';
import type { Step } from '../lib/progress.ts';
import type { SoundCopy } from '../store/find.ts';
import { openArchive } from '../store/open-archive.ts';

/**
 * Reads a copy as `readDump` does, telling `step` how far it is; ends when the run is asked to stop.
 *
 * @throws what `readDump` throws; SourceError when interrupted
 */
export async function* readCopy(
  deps: Pick<Deps, 'signal'>,
  copy: SoundCopy,
  identities: readonly string[] | null,
  step: Step,
): AsyncGenerator<DumpPart, void, void> {
  const { receipt } = copy;
  const source = await openArchive(copy, deps.signal);
  let rows = 0;
  let bytes = 0;
  try {
    if (deps.signal.aborted) throw interrupted();
    for await (const part of readDump(source, { receipt, identities })) {
      yield part;
      // What was already read when the stop came would otherwise still be written to its end.
      if (deps.signal.aborted) throw interrupted();
      if (part.kind !== 'rows') continue;
      rows += part.newRows;
      bytes += part.bytes.length;
      step.update({ rows, bytes, totalBytes: receipt.rawBytes });
    }
  } finally {
    source.destroy();
  }
}
