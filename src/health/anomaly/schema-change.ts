import { type Anomaly, schemaPartNames } from '../../ledger/record.ts';
import type { Measured } from './history.ts';

/** How the schema differs from an earlier one: as far as counts and keyed digests tell, and never by name. */
export function schemaChange(candidate: Measured, before: Measured | undefined): Anomaly['schema'] {
  if (before === undefined) return null;
  const changed = candidate.fingerprint !== before.fingerprint;
  const [old, now] = [before.schemaParts, candidate.schemaParts];
  if (!changed) return { changed, parts: [] };
  if (old === null || now === null) return { changed, parts: null };
  // Digests made with two keys differ whatever they are of.
  const isOneKey = candidate.pseudonymKey !== null && candidate.pseudonymKey === before.pseudonymKey;
  const parts = schemaPartNames.flatMap((kind) => {
    const [was, is] = [old[kind], now[kind]];
    const counts = { kind, before: was?.count ?? 0, after: is?.count ?? 0 };
    const isSame = counts.before === counts.after && (!isOneKey || was?.digest === is?.digest);
    return isSame ? [] : [counts];
  });
  return { changed, parts };
}
