/**
 * Everything the fingerprint leaves out or reshapes, each with its reason. What is not named here is compared, so
 * a catalog or a column of a later release shows up as a difference instead of staying silent.
 */

/** Catalogs whose rows are not entries. */
export const catalogsLeftOut: Readonly<Record<string, string>> = {
  pg_statistic: 'the planner gathers it from the rows',
  pg_statistic_ext_data: 'the planner gathers it from the rows',
  pg_largeobject: 'contents, compared with the rows',
  pg_shdepend: 'derived: owners, privileges and policies name their roles themselves',
  pg_init_privs: 'the state that privileges of extensions and built-ins are told against',
  pg_subscription_rel: 'replication progress',
};

/** Columns that hold nothing a schema is made of. */
export const attributesLeftOut: Readonly<Record<string, string>> = {
  'pg_attribute.attcacheoff': 'run-time only',
  'pg_attribute.attlen': 'copied from the type',
  'pg_attribute.attbyval': 'copied from the type',
  'pg_attribute.attalign': 'copied from the type',
  'pg_attribute.attndims': 'not enforced, and no dump carries it',
  'pg_attribute.atthasdef': 'derived from pg_attrdef',
  'pg_attribute.atthasmissing': 'physical: how a column was added',
  'pg_attribute.attmissingval': 'physical: how a column was added',
  'pg_attribute.attisdropped': 'only live columns are read',
  'pg_attribute.attinhcount': 'derived from pg_inherits',
  'pg_class.relfilenode': 'physical',
  'pg_class.relpages': 'statistics',
  'pg_class.reltuples': 'statistics',
  'pg_class.relallvisible': 'statistics',
  'pg_class.relallfrozen': 'statistics',
  'pg_class.reltoastrelid': 'physical; the options of the TOAST table are told as toast_options',
  'pg_class.relhasindex': 'derived, and cleared only by VACUUM',
  'pg_class.relhasrules': 'derived, and cleared only by VACUUM',
  'pg_class.relhastriggers': 'derived, and cleared only by VACUUM',
  'pg_class.relhassubclass': 'derived, and cleared only by ANALYZE',
  'pg_class.relnatts': 'counts dropped columns too',
  'pg_class.relchecks': 'derived from pg_constraint',
  'pg_class.reltype': 'the row type has the name of the table',
  'pg_class.relrewrite': 'physical',
  'pg_class.relfrozenxid': 'physical',
  'pg_class.relminmxid': 'physical',
  'pg_collation.collencoding': 'follows the encoding of the database',
  'pg_collation.collversion': 'of the libraries of the host',
  'pg_constraint.coninhcount': 'derived from pg_inherits',
  'pg_database.datname': 'the restored copy has another name',
  'pg_database.datistemplate': 'about the cluster',
  'pg_database.datallowconn': 'about the cluster',
  'pg_database.dathasloginevt': 'derived from pg_event_trigger',
  'pg_database.datlastsysoid': 'physical',
  'pg_database.datfrozenxid': 'physical',
  'pg_database.datminmxid': 'physical',
  'pg_database.datcollversion': 'of the libraries of the host',
  'pg_index.indcheckxmin': 'physical',
  'pg_subscription.subskiplsn': 'replication progress',
  'pg_subscription.subtwophasestate': 'replication progress',
  'pg_type.typarray': 'array types are named by the server',
  'pg_type.typndims': 'not enforced, and no dump carries it',
};

/** Columns that mean something in some rows only, with the test for those. */
export const attributesWithCondition: Readonly<
  Record<string, (values: Readonly<Record<string, unknown>>) => boolean>
> = {
  // For keys it only says whether the partition or the key came first.
  'pg_constraint.connoinherit': ({ contype }) => contype === 'c' || contype === 'n',
  // A domain's is the text its author wrote; the server itself uses the parsed expression.
  'pg_type.typdefault': ({ typdefaultbin }) => typdefaultbin === null,
};

/** What is decided where the copy is made, not by what is copied: told apart, and kept out of the hash. */
export const attributesOfEnvironment: ReadonlySet<string> = new Set([
  'pg_database.datdba',
  'pg_database.encoding',
  'pg_database.datlocprovider',
  'pg_database.dattablespace',
  'pg_database.datcollate',
  'pg_database.datctype',
  'pg_database.daticulocale',
  'pg_database.datlocale',
  'pg_database.daticurules',
  'pg_extension.extversion',
  'pg_extension.extowner',
]);

/** Arrays that mean a set: the order is the order of the commands that built them. */
export const unorderedAttributes: ReadonlySet<string> = new Set([
  'pg_attribute.attfdwoptions',
  'pg_attribute.attoptions',
  'pg_class.reloptions',
  'pg_class.toast_options',
  'pg_db_role_setting.setconfig',
  'pg_event_trigger.evttags',
  'pg_foreign_data_wrapper.fdwoptions',
  'pg_foreign_server.srvoptions',
  'pg_foreign_table.ftoptions',
  'pg_policy.polroles',
  'pg_proc.proconfig',
  'pg_publication_rel.prattrs',
  'pg_statistic_ext.stxkeys',
  'pg_statistic_ext.stxkind',
  'pg_subscription.subpublications',
  'pg_user_mapping.umoptions',
]);

/** Positions with gaps (dropped columns, values added in between) become ranks among the rows of one parent. */
export const rankedAttributes: Readonly<Record<string, string>> = {
  'pg_attribute.attnum': 'attrelid',
  'pg_enum.enumsortorder': 'enumtypid',
};

/** May hold a password, so only a digest of it leaves the database. */
export const secretAttributes: ReadonlySet<string> = new Set([
  'pg_user_mapping.umoptions',
  'pg_subscription.subconninfo',
]);

/** Derived wherever it appears: dependencies that follow from the definitions of the objects themselves. */
export const derivedDependencies = ['n', 'a', 'i', 'p', 'P', 'S'];
