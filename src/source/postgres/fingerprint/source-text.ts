import type { Catalog, CatalogColumn } from './catalogs.ts';

/**
 * The server's own SQL text of a parsed expression. These functions read the latest catalog and not the snapshot of
 * the transaction (as in pg_dump), so the caller should hold the tables against DDL.
 */
const deparsers: Readonly<Record<string, string>> = {
  'pg_class.relpartbound': 'pg_catalog.pg_get_expr(t.relpartbound, t.oid)',
  'pg_constraint.conbin': 'pg_catalog.pg_get_constraintdef(t.oid)',
  'pg_index.indexprs': 'pg_catalog.pg_get_indexdef(t.indexrelid)',
  // The text of an index with expressions holds its condition too.
  'pg_index.indpred': 'case when t.indexprs is null then pg_catalog.pg_get_indexdef(t.indexrelid) end',
  'pg_partitioned_table.partexprs': 'pg_catalog.pg_get_partkeydef(t.partrelid)',
  'pg_proc.proargdefaults': 'pg_catalog.pg_get_function_arguments(t.oid)',
  'pg_proc.prosqlbody': 'pg_catalog.pg_get_function_sqlbody(t.oid)',
  'pg_rewrite.ev_action': `case when t.rulename = '_RETURN' then pg_catalog.pg_get_viewdef(t.ev_class)
                             else pg_catalog.pg_get_ruledef(t.oid) end`,
  // The rule's text above holds the condition too.
  'pg_rewrite.ev_qual': 'null',
  'pg_statistic_ext.stxexprs': 'pg_catalog.pg_get_statisticsobjdef(t.oid)',
  'pg_trigger.tgqual': 'pg_catalog.pg_get_triggerdef(t.oid)',
};

/** SQL of the text of a `pg_node_tree` column, over a row `t` in which it is not null. */
export function sourceText(catalog: Catalog, column: CatalogColumn): string {
  const known = deparsers[column.fullName];
  if (known) return known;
  const relation = catalog.columns.find((candidate) => candidate.refersTo === 'pg_class');
  return `pg_catalog.pg_get_expr(t.${column.name}, ${relation ? `t.${relation.name}` : '0'})`;
}
