import type { Catalog, CatalogColumn } from './catalogs.ts';
import { attributesLeftOut } from './normalise.ts';

/** OIDs below this are built in (`FirstNormalObjectId` in access/transam.h). */
const firstUserOid = 16384;

/** What a query of `rowsQuery` yields for each row. */
export interface RowLayout {
  hasOid: boolean;
  /** In the order of the values, after the OID. */
  columns: CatalogColumn[];
  /** Those that make the identity. */
  keys: CatalogColumn[];
  /** Those that make the attributes. */
  attributes: CatalogColumn[];
}

/** Columns an entry is made of: readable, and not left out unless the identity needs them. */
export function layoutOf(catalog: Catalog): RowLayout {
  const columns = catalog.columns.filter(
    (column) =>
      column.isReadable &&
      column.name !== 'oid' &&
      (catalog.keyColumns.includes(column.name) || !(column.fullName in attributesLeftOut)),
  );
  const isKey = (column: CatalogColumn) => catalog.keyColumns.includes(column.name);
  const isCompared = (column: CatalogColumn) => !(column.fullName in attributesLeftOut);
  const defaults = columns
    .filter((column) => column.type === '_aclitem')
    .map((column) => derived(catalog, defaultsOf(column.name), '_aclitem'));
  const toast = catalog.name === 'pg_class' ? [derived(catalog, 'toast_options', '_text')] : [];
  return {
    hasOid: catalog.columns.some((column) => column.name === 'oid'),
    columns: [...columns, ...toast, ...defaults],
    keys: columns.filter((column) => isKey(column) && isCompared(column)),
    attributes: [...columns.filter((column) => !isKey(column) && isCompared(column)), ...toast],
  };
}

function derived(catalog: Catalog, name: string, type: string): CatalogColumn {
  return {
    name,
    fullName: `${catalog.name}.${name}`,
    type,
    isReadable: true,
    refersTo: null,
    numbersColumnsOf: null,
  };
}

/** Name under which a row carries the default privileges that a column of privileges is told against. */
export function defaultsOf(column: string): string {
  return `${column} by default`;
}

/** One SELECT of one JSON array a row: the OID (or null), then the values of the layout. */
export function rowsQuery(catalog: Catalog): string {
  const layout = layoutOf(catalog);
  const values = [
    layout.hasOid ? 't.oid' : 'null',
    ...layout.columns.map((column) => selected(catalog, column)),
  ];
  return `select pg_catalog.json_build_array(${values.join(', ')})::text as row
    from pg_catalog.${catalog.name} t where ${conditionOf(catalog, layout)}`;
}

function selected(catalog: Catalog, column: CatalogColumn): string {
  if (column.name === 'toast_options') {
    return '(select x.reloptions from pg_catalog.pg_class x where x.oid = t.reltoastrelid)';
  }
  if (column.name.endsWith(defaultsOf(''))) {
    return defaultPrivileges(catalog, column.name.slice(0, -defaultsOf('').length));
  }
  if (column.type === 'pg_node_tree') {
    return `case when t.${column.name} is not null then ${sourceText(catalog, column)} end`;
  }
  if (column.type === 'regproc') return `t.${column.name}::oid`;
  // JSON numbers are doubles in JavaScript, and bigint sequences run to 2^63.
  if (column.type === 'int8') return `t.${column.name}::text`;
  return `t.${column.name}`;
}

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

function sourceText(catalog: Catalog, column: CatalogColumn): string {
  const known = deparsers[column.fullName];
  if (known) return known;
  const relation = catalog.columns.find((candidate) => candidate.refersTo === 'pg_class');
  return `pg_catalog.pg_get_expr(t.${column.name}, ${relation ? `t.${relation.name}` : '0'})`;
}

/** First argument of `acldefault`, by catalog. */
const privilegeKinds: Readonly<Record<string, string>> = {
  pg_class: `(case t.relkind when 'S' then 's' else 'r' end)::"char"`,
  pg_database: `'d'`,
  pg_foreign_data_wrapper: `'F'`,
  pg_foreign_server: `'S'`,
  pg_language: `'l'`,
  pg_largeobject_metadata: `'L'`,
  pg_namespace: `'n'`,
  pg_proc: `'f'`,
  pg_type: `'T'`,
};

/** Only asked for where an object's privileges were ever changed: most never are. SQL of an `aclitem[]`, over a row `t`. */
export function defaultPrivileges(catalog: Catalog, column: string): string {
  const kind = privilegeKinds[catalog.name];
  if (!kind) return 'null';
  const owner = catalog.columns.find((candidate) => candidate.refersTo === 'pg_authid')!.name;
  return `case when t.${column} is not null or t.oid in
      (select p.objoid from pg_catalog.pg_init_privs p where p.classoid = ${catalog.oid})
    then pg_catalog.acldefault(${kind}, t.${owner}) end`;
}

/** User rows: of this database, neither temporary nor TOAST, and not of the server's making. */
function conditionOf(catalog: Catalog, layout: RowLayout): string {
  const conditions: string[] = [];
  const ofDatabase = catalog.columns.find((column) => column.refersTo === 'pg_database');
  if (catalog.name === 'pg_database') conditions.push('t.datname = pg_catalog.current_database()');
  else if (ofDatabase) {
    conditions.push(
      `t.${ofDatabase.name} = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())`,
    );
  } else if (layout.hasOid) conditions.push(userOidCondition(catalog));
  else {
    const references = catalog.columns.filter((column) => column.refersTo && !isArray(column));
    conditions.push(
      `(${references.map((column) => `t.${column.name} >= ${firstUserOid}`).join(' or ') || 'true'})`,
    );
  }
  for (const column of catalog.columns) {
    if (!catalog.keyColumns.includes(column.name)) continue;
    if (column.refersTo === 'pg_namespace') conditions.push(`t.${column.name} not in (${passingSchemas})`);
    if (column.refersTo === 'pg_class') conditions.push(`t.${column.name} not in (${passingRelations})`);
  }
  if (catalog.name in ownConditions) conditions.push(ownConditions[catalog.name]!);
  return conditions.join(' and ');
}

function userOidCondition(catalog: Catalog): string {
  // `public` may have been dropped and made again, and an extension that initdb made may be another one now:
  // both are compared whatever their OIDs.
  if (catalog.name === 'pg_extension') return 'true';
  const isPublic = catalog.name === 'pg_namespace' ? `or t.nspname = 'public'` : '';
  return `(t.oid >= ${firstUserOid} ${isPublic} or t.oid in (select d.objid from pg_catalog.pg_depend d
    where d.classid = ${catalog.oid} and d.deptype = 'e'))`;
}

const passingSchemas = `select n.oid from pg_catalog.pg_namespace n where n.nspname ~ '^pg_(toast|temp_|toast_temp_)'`;
const passingRelations = `select c.oid from pg_catalog.pg_class c where c.relnamespace in (${passingSchemas})`;

const ownConditions: Readonly<Record<string, string>> = {
  // A system column matters only when somebody granted a privilege on it.
  pg_attribute: 'not t.attisdropped and (t.attnum > 0 or t.attacl is not null)',
  pg_namespace: `t.nspname !~ '^pg_(toast|temp_|toast_temp_)'`,
  // The array type of a type is told as `type[]` wherever it is used.
  pg_type: 'not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)',
};

function isArray(column: CatalogColumn): boolean {
  return column.type.startsWith('_') || column.type.endsWith('vector');
}
