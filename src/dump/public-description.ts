import type { Manifest } from '../archive/manifest.ts';
import type { SchemaParts } from '../ledger/record.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import type { TablePseudonyms } from '../source/postgres/table-pseudonyms.ts';
import { countParts } from './schema-parts.ts';

/** Fewer rows than this are not told one by one: they matter little, and the ledger keeps every line for ever. */
const leastRows = 100;

/** What of a dump's tables and schema the public ledger keeps, to compare the next backup with. */
export interface PublicDescription {
  /** As the ledger's record has them. */
  record: {
    tableRows: Record<string, number> | null;
    emptyTables: number;
    pseudonymKey: string | null;
    schemaParts: SchemaParts;
  };
  /** Rows of every table by pseudonym, partitions summed up; null without pseudonyms. */
  allTableRows: Record<string, number> | null;
  /** Pseudonyms of tables whose rows are left out on purpose. */
  leftOut: ReadonlySet<string>;
  /** Pseudonyms of tables of which the last row matters, however few there were. */
  neverEmpty?: ReadonlySet<string>;
  /** The present table that a pseudonym stands for. Not public. */
  nameOf(pseudonym: string): string | undefined;
}

/** @param pseudonyms null where the server gives nothing to make them of */
export function describePublicly(
  pseudonyms: TablePseudonyms | null,
  fingerprint: Fingerprint,
  tables: Manifest['tables'],
  notCarried: Manifest['notCarried'],
): PublicDescription {
  const rows: Record<string, number> = {};
  const names = new Map<string, string>();
  for (const table of pseudonyms ? tables : []) {
    const pseudonym = pseudonyms!.of(table);
    rows[pseudonym] = (rows[pseudonym] ?? 0) + table.rows;
    names.set(pseudonym, pseudonyms!.nameOf(table));
  }
  const large = Object.entries(rows).filter(([, count]) => count >= leastRows);
  return {
    record: {
      tableRows: pseudonyms && Object.fromEntries(large),
      emptyTables: tables.filter((table) => table.rows === 0).length,
      pseudonymKey: pseudonyms?.keyId ?? null,
      schemaParts: countParts(fingerprint, pseudonyms && ((text) => pseudonyms.digestOf(text))),
    },
    allTableRows: pseudonyms && rows,
    leftOut: new Set(
      pseudonyms ? notCarried.flatMap(({ name }) => splits(name).map((table) => pseudonyms.of(table))) : [],
    ),
    nameOf: (pseudonym) => names.get(pseudonym),
  };
}

/** A name with its schema, without quotes, can be cut at any of its dots; a wrong cut is no table's. */
function splits(name: string): { schema: string; name: string }[] {
  const pieces = name.split('.');
  return pieces.slice(1).map((_, index) => ({
    schema: pieces.slice(0, index + 1).join('.'),
    name: pieces.slice(index + 1).join('.'),
  }));
}
