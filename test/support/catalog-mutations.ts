/** A change of the schema in every-kind.sql that a fingerprint must not miss. */
export interface CatalogMutation {
  name: string;
  /** Run in a transaction that is rolled back. */
  sql: string;
  /** How one of the differences must begin: `key attribute`, `missing key` or `extra key`. */
  shows: string;
  /** Older servers have no such thing. */
  minMajor?: number;
}

/** At least one for each kind of object and each attribute that SQL can change. */
export const catalogMutations: readonly CatalogMutation[] = [
  // schema
  { name: 'schema added', sql: 'create schema fresh', shows: 'extra pg_namespace|fresh' },
  {
    name: 'schema dropped',
    sql: 'drop publication archive_publication; alter extension citext set schema public; drop schema archive',
    shows: 'missing pg_namespace|archive',
  },
  { name: 'schema renamed', sql: 'alter schema archive rename to attic', shows: 'extra pg_namespace|attic' },
  {
    name: 'schema owner',
    sql: 'alter schema archive owner to shop_owner',
    shows: 'pg_namespace|archive nspowner',
  },
  {
    name: 'schema privileges',
    sql: 'grant create on schema shop to shop_clerk',
    shows: 'pg_namespace|shop nspacl',
  },
  {
    name: 'public schema privileges',
    sql: 'grant create on schema public to public',
    shows: 'pg_namespace|public nspacl',
  },
  {
    name: 'public schema owner',
    sql: 'alter schema public owner to shop_owner',
    shows: 'pg_namespace|public nspowner',
  },
  {
    name: 'comment on schema changed',
    sql: `comment on schema shop is 'another shop'`,
    shows: 'pg_description|pg_namespace shop description',
  },
  {
    name: 'comment on public changed',
    sql: 'comment on schema public is null',
    shows: 'missing pg_description|pg_namespace public',
  },

  // tables
  { name: 'table added', sql: 'create table shop.fresh (id integer)', shows: 'extra pg_class|shop.fresh' },
  { name: 'table dropped', sql: 'drop table shop.heaped', shows: 'missing pg_class|shop.heaped' },
  {
    name: 'table renamed',
    sql: 'alter table shop.heaped rename to piled',
    shows: 'missing pg_class|shop.heaped',
  },
  {
    name: 'table moved to another schema',
    sql: 'alter table shop.heaped set schema archive',
    shows: 'extra pg_class|archive.heaped',
  },
  {
    name: 'table owner',
    sql: 'alter table shop.orders owner to shop_owner',
    shows: 'pg_class|shop.orders relowner',
  },
  {
    name: 'table privilege granted',
    sql: 'grant delete on shop.customers to shop_clerk',
    shows: 'pg_class|shop.customers relacl',
  },
  {
    name: 'table privilege revoked',
    sql: 'revoke insert on shop.customers from shop_clerk',
    shows: 'pg_class|shop.customers relacl',
  },
  {
    name: 'table privilege with grant option',
    sql: 'grant select on shop.customers to shop_clerk with grant option',
    shows: 'pg_class|shop.customers relacl',
  },
  {
    name: 'table privilege of the owner revoked',
    sql: 'revoke truncate on shop.orders from postgres',
    shows: 'pg_class|shop.orders relacl',
  },
  {
    name: 'table option',
    sql: 'alter table shop.customers set (fillfactor = 81)',
    shows: 'pg_class|shop.customers reloptions',
  },
  {
    name: 'table option reset',
    sql: 'alter table shop.customers reset (autovacuum_enabled)',
    shows: 'pg_class|shop.customers reloptions',
  },
  {
    name: 'table toast option',
    sql: 'alter table shop.customers set (toast.autovacuum_enabled = true)',
    shows: 'pg_class|shop.customers toast_options',
  },
  {
    name: 'table logged',
    sql: 'alter table shop.carts set logged',
    shows: 'pg_class|shop.carts relpersistence',
  },
  {
    name: 'table access method',
    sql: 'alter table shop.heaped set access method heap',
    shows: 'pg_class|shop.heaped relam',
  },
  {
    name: 'table row security off',
    sql: 'alter table shop.customers disable row level security',
    shows: 'pg_class|shop.customers relrowsecurity',
  },
  {
    name: 'table row security forced',
    sql: 'alter table shop.customers force row level security',
    shows: 'pg_class|shop.customers relforcerowsecurity',
  },
  {
    name: 'table replica identity',
    sql: 'alter table shop.customers replica identity full',
    shows: 'pg_class|shop.customers relreplident',
  },
  {
    name: 'table cluster index',
    sql: 'alter table shop.customers set without cluster',
    shows: 'pg_index|shop.customers_pkey indisclustered',
  },
  {
    name: 'table comment',
    sql: `comment on table shop.customers is 'others'`,
    shows: 'pg_description|pg_class shop.customers description',
  },
  {
    name: 'table no longer typed',
    sql: 'alter table shop.addresses not of',
    shows: 'pg_class|shop.addresses reloftype',
  },
  {
    name: 'table tablespace',
    sql: 'alter table shop.heaped set tablespace shop_space',
    shows: 'pg_class|shop.heaped reltablespace',
  },
  {
    name: 'index tablespace',
    sql: 'alter index shop.customers_notes set tablespace shop_space',
    shows: 'pg_class|shop.customers_notes reltablespace',
  },

  // columns
  {
    name: 'column added',
    sql: 'alter table shop.orders add column note text',
    shows: 'extra pg_attribute|note of shop.orders',
  },
  {
    name: 'column dropped',
    sql: 'alter table shop.orders drop column state',
    shows: 'missing pg_attribute|state of shop.orders',
  },
  {
    name: 'column renamed',
    sql: 'alter table shop.orders rename column state to condition',
    shows: 'extra pg_attribute|condition of shop.orders',
  },
  {
    name: 'column order',
    sql: 'drop table shop.stock; create table shop.stock (item text, region text) partition by list (lower(region))',
    shows: 'pg_attribute|item of shop.stock attnum',
  },
  {
    name: 'column type',
    sql: 'alter table shop.orders alter column placed type timestamp',
    shows: 'pg_attribute|placed of shop.orders atttypid',
  },
  {
    name: 'column type length',
    sql: 'alter table shop.carts alter column label type varchar(11)',
    shows: 'pg_attribute|label of shop.carts atttypmod',
  },
  {
    name: 'column collation',
    sql: 'alter table shop.customers alter column notes type text collate "POSIX"',
    shows: 'pg_attribute|notes of shop.customers attcollation',
  },
  {
    name: 'column default changed',
    sql: `alter table shop.orders alter column state set default 'paid'`,
    shows: 'pg_attrdef|state of shop.orders adbin',
  },
  {
    name: 'column default dropped',
    sql: 'alter table shop.orders alter column state drop default',
    shows: 'missing pg_attrdef|state of shop.orders',
  },
  {
    name: 'column not null',
    sql: 'alter table shop.orders alter column state set not null',
    shows: 'pg_attribute|state of shop.orders attnotnull',
  },
  {
    name: 'column nullable',
    sql: 'alter table shop.orders alter column placed drop not null',
    shows: 'pg_attribute|placed of shop.orders attnotnull',
  },
  {
    name: 'column storage',
    sql: 'alter table shop.customers alter column notes set storage main',
    shows: 'pg_attribute|notes of shop.customers attstorage',
  },
  {
    name: 'column compression',
    sql: 'alter table shop.customers alter column notes set compression default',
    shows: 'pg_attribute|notes of shop.customers attcompression',
  },
  {
    name: 'column statistics target',
    sql: 'alter table shop.customers alter column name set statistics 91',
    shows: 'pg_attribute|name of shop.customers attstattarget',
  },
  {
    name: 'column option',
    sql: 'alter table shop.customers alter column name set (n_distinct = 11)',
    shows: 'pg_attribute|name of shop.customers attoptions',
  },
  {
    name: 'column privilege',
    sql: 'grant insert (id) on shop.orders to shop_clerk',
    shows: 'pg_attribute|id of shop.orders attacl',
  },
  {
    name: 'column privilege on a system column',
    sql: 'grant select (ctid) on shop.orders to shop_clerk',
    shows: 'extra pg_attribute|ctid of shop.orders',
  },
  {
    name: 'column comment',
    sql: `comment on column shop.customers.name is 'as it is written'`,
    shows: 'pg_description|pg_class name of shop.customers description',
  },
  {
    name: 'column identity kind',
    sql: 'alter table shop.customers alter column id set generated always',
    shows: 'pg_attribute|id of shop.customers attidentity',
  },
  {
    name: 'column identity dropped',
    sql: 'alter table shop.customers alter column id drop identity',
    shows: 'pg_attribute|id of shop.customers attidentity',
  },
  {
    name: 'column no longer generated',
    sql: 'alter table shop.customers alter column shouting drop expression',
    shows: 'pg_attribute|shouting of shop.customers attgenerated',
  },
  {
    name: 'column generated otherwise',
    sql: 'alter table shop.customers drop column shouting, add column shouting text generated always as (lower(name)) stored',
    shows: 'pg_attrdef|shouting of shop.customers adbin',
  },
  {
    name: 'column default of a view',
    sql: 'alter view shop.names alter column name drop default',
    shows: 'missing pg_attrdef|name of shop.names',
  },
  {
    name: 'column generation expression',
    minMajor: 17,
    sql: 'alter table shop.customers alter column shouting set expression as (lower(name))',
    shows: 'pg_attrdef|shouting of shop.customers adbin',
  },
  {
    name: 'column virtual',
    minMajor: 18,
    sql: 'alter table shop.carts add column twice integer generated always as (id * 2) virtual',
    shows: 'extra pg_attribute|twice of shop.carts',
  },

  // constraints
  {
    name: 'check added',
    sql: `alter table shop.orders add constraint later check (placed > '2000-01-01')`,
    shows: 'extra pg_constraint|later of shop.orders',
  },
  {
    name: 'check dropped',
    sql: 'alter table shop.customers drop constraint name_length',
    shows: 'missing pg_constraint|name_length of shop.customers',
  },
  {
    name: 'check changed',
    sql: 'alter table shop.customers drop constraint name_length, add constraint name_length check (length(name) > 2)',
    shows: 'pg_constraint|name_length of shop.customers conbin',
  },
  {
    name: 'check validated',
    sql: 'alter table shop.customers validate constraint known',
    shows: 'pg_constraint|known of shop.customers convalidated',
  },
  {
    name: 'check not inherited',
    sql: 'alter table shop.parent drop constraint positive, add constraint positive check (id > 0) no inherit',
    shows: 'pg_constraint|positive of shop.parent connoinherit',
  },
  {
    name: 'constraint renamed',
    sql: 'alter table shop.customers rename constraint name_length to name_size',
    shows: 'missing pg_constraint|name_length of shop.customers',
  },
  {
    name: 'constraint comment',
    sql: `comment on constraint name_length on shop.customers is 'two letters'`,
    shows: 'pg_description|pg_constraint name_length of shop.customers description',
  },
  {
    name: 'primary key dropped',
    sql: 'alter table shop.orders drop constraint orders_pkey',
    shows: 'missing pg_constraint|orders_pkey of shop.orders',
  },
  {
    name: 'primary key on other columns',
    sql: 'alter table shop.orders drop constraint orders_pkey, add constraint orders_pkey primary key (id, customer)',
    shows: 'pg_constraint|orders_pkey of shop.orders conkey',
  },
  {
    name: 'unique added',
    sql: 'alter table shop.orders add unique (placed)',
    shows: 'extra pg_constraint|orders_placed_key of shop.orders',
  },
  {
    name: 'unique nulls not distinct',
    sql: 'alter table shop.customers drop constraint customers_email_key, add constraint customers_email_key unique nulls not distinct (email)',
    shows: 'pg_index|shop.customers_email_key indnullsnotdistinct',
  },
  {
    name: 'exclusion operators',
    sql: 'alter table shop.orders drop constraint orders_apart, add constraint orders_apart exclude using gist (period with -|-) where (customer > 0)',
    shows: 'pg_constraint|orders_apart of shop.orders conexclop',
  },
  {
    name: 'foreign key dropped',
    sql: 'alter table shop.orders drop constraint orders_customer',
    shows: 'missing pg_constraint|orders_customer of shop.orders',
  },
  {
    name: 'foreign key on delete',
    sql: 'alter table shop.orders drop constraint orders_customer, add constraint orders_customer foreign key (customer) references shop.customers on update cascade on delete cascade deferrable initially deferred',
    shows: 'pg_constraint|orders_customer of shop.orders confdeltype',
  },
  {
    name: 'foreign key on update',
    sql: 'alter table shop.orders drop constraint orders_customer, add constraint orders_customer foreign key (customer) references shop.customers on delete restrict deferrable initially deferred',
    shows: 'pg_constraint|orders_customer of shop.orders confupdtype',
  },
  {
    name: 'foreign key deferrable',
    sql: 'alter table shop.orders alter constraint orders_customer not deferrable',
    shows: 'pg_constraint|orders_customer of shop.orders condeferrable',
  },
  {
    name: 'foreign key deferred',
    sql: 'alter table shop.orders alter constraint orders_customer deferrable initially immediate',
    shows: 'pg_constraint|orders_customer of shop.orders condeferred',
  },
  {
    name: 'foreign key switched off',
    sql: 'alter table shop.orders disable trigger all',
    shows:
      'pg_trigger|pg_catalog."RI_FKey_check_ins"() for orders_customer of shop.orders of shop.orders tgenabled',
  },
  {
    name: 'foreign key match',
    sql: 'alter table shop.orders drop constraint orders_customer, add constraint orders_customer foreign key (customer) references shop.customers match full on update cascade on delete restrict deferrable initially deferred',
    shows: 'pg_constraint|orders_customer of shop.orders confmatchtype',
  },
  {
    name: 'foreign key to another table',
    sql: 'alter table shop.orders drop constraint orders_customer, add constraint orders_customer foreign key (customer) references shop.keys on update cascade on delete restrict deferrable initially deferred',
    shows: 'pg_constraint|orders_customer of shop.orders confrelid',
  },
  {
    name: 'foreign key to another column',
    sql: 'alter table shop.keys add constraint other_key unique (other); alter table shop.locks drop constraint locks_key_fkey, add constraint locks_key_fkey foreign key (key) references shop.keys (other)',
    shows: 'pg_constraint|locks_key_fkey of shop.locks confkey',
  },
  {
    name: 'unique deferrable',
    sql: 'alter table shop.customers drop constraint customers_email_key, add constraint customers_email_key unique (email) deferrable',
    shows: 'pg_index|shop.customers_email_key indimmediate',
  },
  {
    name: 'foreign key not valid',
    sql: 'alter table shop.orders drop constraint orders_customer, add constraint orders_customer foreign key (customer) references shop.customers on update cascade on delete restrict deferrable initially deferred not valid',
    shows: 'pg_constraint|orders_customer of shop.orders convalidated',
  },
  {
    name: 'foreign key set null columns',
    sql: 'alter table shop.visits_rest add foreign key (visitor) references shop.customers on delete set null (visitor)',
    shows: 'extra pg_constraint|visits_rest_visitor_fkey of shop.visits_rest',
  },
  {
    name: 'check not enforced',
    minMajor: 18,
    sql: 'alter table shop.orders add constraint lax check (customer > 0) not enforced',
    shows: 'extra pg_constraint|lax of shop.orders',
  },
  {
    name: 'foreign key not enforced',
    minMajor: 18,
    sql: 'alter table shop.orders alter constraint orders_customer not enforced',
    shows: 'pg_constraint|orders_customer of shop.orders conenforced',
  },
  {
    name: 'not null renamed',
    minMajor: 18,
    sql: 'alter table shop.orders rename constraint orders_placed_not_null to must_be_placed',
    shows: 'extra pg_constraint|must_be_placed of shop.orders',
  },
  {
    name: 'not null of the parent only',
    minMajor: 18,
    sql: 'alter table only shop.parent add constraint only_here not null id no inherit',
    shows: 'extra pg_constraint|only_here of shop.parent',
  },
  {
    name: 'temporal key',
    minMajor: 18,
    sql: 'alter table shop.orders add constraint no_overlap unique (also, period without overlaps)',
    shows: 'extra pg_constraint|no_overlap of shop.orders',
  },

  // indexes
  {
    name: 'index added',
    sql: 'create index fresh on shop.orders (placed)',
    shows: 'extra pg_index|shop.fresh',
  },
  {
    name: 'index dropped',
    sql: 'drop index shop.customers_lower',
    shows: 'missing pg_index|shop.customers_lower',
  },
  {
    name: 'index renamed',
    sql: 'alter index shop.customers_lower rename to customers_small',
    shows: 'missing pg_class|shop.customers_lower',
  },
  {
    name: 'index option',
    sql: 'alter index shop.customers_lower set (fillfactor = 71)',
    shows: 'pg_class|shop.customers_lower reloptions',
  },
  {
    name: 'index unique',
    sql: 'drop index shop.counts_orders; create index counts_orders on shop.counts (orders)',
    shows: 'pg_index|shop.counts_orders indisunique',
  },
  {
    name: 'index method',
    sql: 'drop index shop.carts_content; create index carts_content on shop.carts using hash (content)',
    shows: 'pg_class|shop.carts_content relam',
  },
  {
    name: 'index operator class',
    sql: 'drop index shop.carts_content; create index carts_content on shop.carts using gin (content jsonb_ops)',
    shows: 'pg_index|shop.carts_content indclass',
  },
  {
    name: 'index collation',
    sql: 'drop index shop.customers_notes; create index customers_notes on shop.customers (notes collate "POSIX")',
    shows: 'pg_index|shop.customers_notes indcollation',
  },
  {
    name: 'index order',
    sql: 'drop index shop.customers_lower; create index customers_lower on shop.customers using btree (lower(name) text_pattern_ops asc, id) include (email) with (fillfactor = 70) where id > 5; alter index shop.customers_lower alter column 1 set statistics 400',
    shows: 'pg_index|shop.customers_lower indoption',
  },
  {
    name: 'index expression',
    sql: 'drop index shop.customers_lower; create index customers_lower on shop.customers using btree (upper(name) text_pattern_ops desc nulls last, id) include (email) with (fillfactor = 70) where id > 5; alter index shop.customers_lower alter column 1 set statistics 400',
    shows: 'pg_index|shop.customers_lower indexprs',
  },
  {
    name: 'index condition',
    sql: 'drop index shop.customers_lower; create index customers_lower on shop.customers using btree (lower(name) text_pattern_ops desc nulls last, id) include (email) with (fillfactor = 70) where id > 6; alter index shop.customers_lower alter column 1 set statistics 400',
    shows: 'pg_index|shop.customers_lower indexprs',
  },
  {
    name: 'index condition without expressions',
    sql: 'drop index shop.counts_orders; create unique index counts_orders on shop.counts (orders) where orders > 1',
    shows: 'pg_index|shop.counts_orders indpred',
  },
  {
    name: 'index included columns',
    sql: 'drop index shop.customers_lower; create index customers_lower on shop.customers using btree (lower(name) text_pattern_ops desc nulls last, id) with (fillfactor = 70) where id > 5; alter index shop.customers_lower alter column 1 set statistics 400',
    shows: 'pg_index|shop.customers_lower indkey',
  },
  {
    name: 'index statistics target',
    sql: 'alter index shop.customers_lower alter column 1 set statistics 401',
    shows: 'pg_attribute|#1 of shop.customers_lower attstattarget',
  },
  {
    name: 'index comment',
    sql: `comment on index shop.customers_lower is 'small letters'`,
    shows: 'extra pg_description|pg_class shop.customers_lower',
  },
  {
    name: 'index of the parent only',
    sql: 'create index visitors on only shop.visits (visitor)',
    shows: 'extra pg_index|shop.visitors',
  },

  // partitions and inheritance
  {
    name: 'partition detached',
    sql: 'alter table shop.visits detach partition shop.visits_2025',
    shows: 'pg_class|shop.visits_2025 relispartition',
  },
  {
    name: 'partition added',
    sql: `create table shop.visits_2026 partition of shop.visits for values from ('2026-01-01') to ('2027-01-01')`,
    shows: 'extra pg_class|shop.visits_2026',
  },
  {
    name: 'partition bounds',
    sql: `alter table shop.visits detach partition shop.visits_2025; alter table shop.visits attach partition shop.visits_2025 for values from ('2025-01-01') to ('2025-12-31')`,
    shows: 'pg_class|shop.visits_2025 relpartbound',
  },
  {
    name: 'partition key',
    sql: 'drop table shop.stock; create table shop.stock (region text, item text) partition by list (upper(region))',
    shows: 'pg_partitioned_table|shop.stock partexprs',
  },
  {
    name: 'partition strategy',
    sql: 'drop table shop.stock; create table shop.stock (region text, item text) partition by hash (lower(region))',
    shows: 'pg_partitioned_table|shop.stock partclass',
  },
  {
    name: 'partition column',
    sql: 'drop table shop.stock; create table shop.stock (region text, item text) partition by list (region)',
    shows: 'pg_partitioned_table|shop.stock partattrs',
  },
  {
    name: 'partition collation',
    sql: 'drop table shop.stock; create table shop.stock (region text, item text) partition by list ((lower(region)) collate "POSIX")',
    shows: 'pg_partitioned_table|shop.stock partcollation',
  },
  {
    name: 'parent exchanged',
    sql: 'alter table shop.child no inherit shop.parent; create table shop.stepparent (like shop.parent including all); alter table shop.child inherit shop.stepparent',
    shows: 'pg_inherits|shop.child, 1 inhparent',
  },
  {
    name: 'default partition gone',
    sql: 'alter table shop.visits detach partition shop.visits_rest',
    shows: 'missing pg_inherits|shop.visits_rest, 1',
  },
  {
    name: 'inheritance ended',
    sql: 'alter table shop.child no inherit shop.parent',
    shows: 'missing pg_inherits|shop.child, 1',
  },
  {
    name: 'inherited column made local',
    sql: 'alter table shop.child no inherit shop.parent; alter table shop.child inherit shop.parent',
    shows: 'pg_attribute|id of shop.child attislocal',
  },
  {
    name: 'trigger of one partition off',
    sql: 'alter table shop.visits_rest disable trigger visit_stamp',
    shows: 'pg_trigger|visit_stamp of shop.visits_rest tgenabled',
  },

  // triggers and rules
  {
    name: 'trigger dropped',
    sql: 'drop trigger stamp on shop.customers',
    shows: 'missing pg_trigger|stamp of shop.customers',
  },
  {
    name: 'trigger disabled',
    sql: 'alter table shop.customers disable trigger stamp',
    shows: 'pg_trigger|stamp of shop.customers tgenabled',
  },
  {
    name: 'trigger always',
    sql: 'alter table shop.customers enable always trigger stamp',
    shows: 'pg_trigger|stamp of shop.customers tgenabled',
  },
  {
    name: 'trigger condition',
    sql: `create or replace trigger stamp before insert or update of name on shop.customers for each row when (new.name is null) execute function shop.stamp('one', 'two')`,
    shows: 'pg_trigger|stamp of shop.customers tgqual',
  },
  {
    name: 'trigger arguments',
    sql: `create or replace trigger stamp before insert or update of name on shop.customers for each row when (new.name is not null) execute function shop.stamp('one', 'three')`,
    shows: 'pg_trigger|stamp of shop.customers tgargs',
  },
  {
    name: 'trigger columns',
    sql: `create or replace trigger stamp before insert or update of email on shop.customers for each row when (new.name is not null) execute function shop.stamp('one', 'two')`,
    shows: 'pg_trigger|stamp of shop.customers tgattr',
  },
  {
    name: 'trigger events',
    sql: `create or replace trigger stamp before insert on shop.customers for each row when (new.name is not null) execute function shop.stamp('one', 'two')`,
    shows: 'pg_trigger|stamp of shop.customers tgtype',
  },
  {
    name: 'trigger timing',
    sql: `create or replace trigger stamp after insert or update of name on shop.customers for each row when (new.name is not null) execute function shop.stamp('one', 'two')`,
    shows: 'pg_trigger|stamp of shop.customers tgtype',
  },
  {
    name: 'trigger function',
    sql: `create function shop.mark_it() returns trigger language plpgsql as 'begin return new; end'; create or replace trigger stamp before insert or update of name on shop.customers for each row when (new.name is not null) execute function shop.mark_it('one', 'two')`,
    shows: 'pg_trigger|stamp of shop.customers tgfoid',
  },
  {
    name: 'trigger new table',
    sql: 'create or replace trigger stamp_all after update on shop.customers referencing old table as before new table as later for each statement execute function shop.stamp()',
    shows: 'pg_trigger|stamp_all of shop.customers tgnewtable',
  },
  {
    name: 'constraint trigger of another table',
    sql: 'drop trigger late on shop.orders; create constraint trigger late after insert on shop.orders from shop.parent deferrable for each row execute function shop.stamp()',
    shows: 'pg_trigger|late of shop.orders tgconstrrelid',
  },
  {
    name: 'trigger transition table',
    sql: 'create or replace trigger stamp_all after update on shop.customers referencing old table as earlier new table as after for each statement execute function shop.stamp()',
    shows: 'pg_trigger|stamp_all of shop.customers tgoldtable',
  },
  {
    name: 'trigger renamed',
    sql: 'alter trigger stamp on shop.customers rename to mark',
    shows: 'extra pg_trigger|mark of shop.customers',
  },
  {
    name: 'trigger comment',
    sql: `comment on trigger stamp on shop.customers is 'stamps'`,
    shows: 'extra pg_description|pg_trigger stamp of shop.customers',
  },
  {
    name: 'constraint trigger deferred',
    sql: 'drop trigger late on shop.orders; create constraint trigger late after insert on shop.orders deferrable initially deferred for each row execute function shop.stamp()',
    shows: 'pg_constraint|late of shop.orders condeferred',
  },
  {
    name: 'rule dropped',
    sql: 'drop rule keep on shop.carts',
    shows: 'missing pg_rewrite|keep of shop.carts',
  },
  {
    name: 'rule condition',
    sql: 'create or replace rule keep as on delete to shop.carts where old.id = 2 do instead nothing',
    shows: 'pg_rewrite|keep of shop.carts ev_action',
  },
  {
    name: 'rule action',
    sql: 'create or replace rule keep as on delete to shop.carts where old.id = 1 do also select 1',
    shows: 'pg_rewrite|keep of shop.carts ev_action',
  },
  {
    name: 'rule event',
    sql: 'drop rule keep on shop.carts; create rule keep as on update to shop.carts where old.id = 1 do instead nothing',
    shows: 'pg_rewrite|keep of shop.carts ev_type',
  },
  {
    name: 'rule disabled',
    sql: 'alter table shop.carts disable rule keep',
    shows: 'pg_rewrite|keep of shop.carts ev_enabled',
  },

  // views
  {
    name: 'view definition',
    sql: 'create or replace view shop.names with (security_barrier = true) as select id, upper(name)::varchar(80) as name from shop.customers',
    shows: 'pg_rewrite|"_RETURN" of shop.names ev_action',
  },
  {
    name: 'view option',
    sql: 'alter view shop.names set (security_barrier = false)',
    shows: 'pg_class|shop.names reloptions',
  },
  {
    name: 'view check option',
    sql: 'alter view shop.names set (check_option = cascaded)',
    shows: 'pg_class|shop.names reloptions',
  },
  {
    name: 'view column renamed',
    sql: 'alter view shop.names rename column id to number',
    shows: 'extra pg_attribute|number of shop.names',
  },
  {
    name: 'view owner',
    sql: 'alter view shop.names owner to shop_owner',
    shows: 'pg_class|shop.names relowner',
  },
  {
    name: 'materialized view definition',
    sql: 'drop materialized view shop.counts; create materialized view shop.counts with (fillfactor = 60) as select count(id) as orders from shop.orders; create unique index counts_orders on shop.counts (orders)',
    shows: 'pg_rewrite|"_RETURN" of shop.counts ev_action',
  },
  {
    name: 'materialized view filled',
    sql: 'refresh materialized view shop.empty_counts',
    shows: 'pg_class|shop.empty_counts relispopulated',
  },
  {
    name: 'materialized view emptied',
    sql: 'refresh materialized view shop.counts with no data',
    shows: 'pg_class|shop.counts relispopulated',
  },

  // sequences
  {
    name: 'sequence increment',
    sql: 'alter sequence shop.numbers increment 4',
    shows: 'pg_sequence|shop.numbers seqincrement',
  },
  {
    name: 'sequence start',
    sql: 'alter sequence shop.numbers start 8',
    shows: 'pg_sequence|shop.numbers seqstart',
  },
  {
    name: 'sequence minimum',
    sql: 'alter sequence shop.numbers minvalue 2',
    shows: 'pg_sequence|shop.numbers seqmin',
  },
  {
    name: 'sequence maximum by one',
    sql: 'alter sequence shop.numbers as bigint maxvalue 9223372036854775806',
    shows: 'pg_sequence|shop.numbers seqmax',
  },
  {
    name: 'sequence type',
    sql: 'alter sequence shop.numbers as bigint',
    shows: 'pg_sequence|shop.numbers seqtypid',
  },
  {
    name: 'sequence cache',
    sql: 'alter sequence shop.numbers cache 6',
    shows: 'pg_sequence|shop.numbers seqcache',
  },
  {
    name: 'sequence no cycle',
    sql: 'alter sequence shop.numbers no cycle',
    shows: 'pg_sequence|shop.numbers seqcycle',
  },
  {
    name: 'sequence owned by nothing',
    sql: 'alter sequence shop.owned owned by none',
    shows: 'missing pg_depend|pg_class shop.owned on pg_class id of shop.carts',
  },
  {
    name: 'sequence owned by another column',
    sql: 'alter table shop.carts add other integer; alter sequence shop.owned owned by shop.carts.other',
    shows: 'extra pg_depend|pg_class shop.owned on pg_class other of shop.carts',
  },
  {
    name: 'sequence privilege',
    sql: 'revoke usage on sequence shop.numbers from shop_clerk',
    shows: 'pg_class|shop.numbers relacl',
  },
  {
    name: 'sequence unlogged',
    sql: 'alter sequence shop.numbers set unlogged',
    shows: 'pg_class|shop.numbers relpersistence',
  },

  // types
  {
    name: 'enum value added',
    sql: `alter type shop.status add value 'lost'`,
    shows: 'extra pg_enum|lost of shop.status',
  },
  {
    name: 'enum value between others',
    sql: `alter type shop.status add value 'early' before 'paid'`,
    shows: 'pg_enum|paid of shop.status enumsortorder',
  },
  {
    name: 'domain of another length',
    sql: 'drop domain shop.short; create domain shop.short as varchar(6)',
    shows: 'pg_type|shop.short typtypmod',
  },
  {
    name: 'domain of another type',
    sql: 'drop domain shop.short; create domain shop.short as integer',
    shows: 'pg_type|shop.short typbasetype',
  },
  {
    name: 'base type storage',
    sql: 'alter type shop.mark set (storage = main)',
    shows: 'pg_type|shop.mark typstorage',
  },
  {
    name: 'base type category',
    sql: `drop type shop.mark cascade; create type shop.mark; create function shop.mark_in(cstring) returns shop.mark language internal strict immutable as 'textin'; create function shop.mark_out(shop.mark) returns cstring language internal strict immutable as 'textout'; create type shop.mark (internallength = variable, input = shop.mark_in, output = shop.mark_out, storage = extended, category = 'S', preferred = true, delimiter = ';', collatable = true, alignment = double)`,
    shows: 'pg_type|shop.mark typcategory',
  },
  {
    name: 'range subtype',
    sql: 'drop type shop.price_range cascade; create type shop.price_range as range (subtype = float8)',
    shows: 'pg_range|shop.price_range rngsubtype',
  },
  {
    name: 'range collation',
    sql: 'create type shop.words_range as range (subtype = text, collation = "C"); drop type shop.price_range cascade; create type shop.price_range as range (subtype = text, collation = "C")',
    shows: 'pg_range|shop.price_range rngcollation',
  },
  {
    name: 'enum value renamed',
    sql: `alter type shop.status rename value 'paid' to 'settled'`,
    shows: 'missing pg_enum|paid of shop.status',
  },
  {
    name: 'type owner',
    sql: 'alter type shop.status owner to shop_owner',
    shows: 'pg_type|shop.status typowner',
  },
  {
    name: 'type privilege',
    sql: 'revoke usage on type shop.status from public',
    shows: 'pg_type|shop.status typacl',
  },
  {
    name: 'type comment',
    sql: `comment on type shop.status is 'where it is'`,
    shows: 'extra pg_description|pg_type shop.status',
  },
  {
    name: 'type renamed',
    sql: 'alter type shop.price_range rename to prices',
    shows: 'extra pg_type|shop.prices',
  },
  {
    name: 'composite attribute added',
    sql: 'alter type shop.address add attribute country text cascade',
    shows: 'extra pg_attribute|country of shop.address',
  },
  {
    name: 'composite attribute type',
    sql: 'alter type shop.spot alter attribute x type bigint',
    shows: 'pg_attribute|x of shop.spot atttypid',
  },
  {
    name: 'domain default',
    sql: `alter domain shop.postcode set default '10015'`,
    shows: 'pg_type|shop.postcode typdefaultbin',
  },
  {
    name: 'domain default dropped',
    sql: 'alter domain shop.postcode drop default',
    shows: 'pg_type|shop.postcode typdefaultbin',
  },
  {
    name: 'domain nullable',
    sql: 'alter domain shop.postcode drop not null',
    shows: 'pg_type|shop.postcode typnotnull',
  },
  {
    name: 'domain check dropped',
    sql: 'alter domain shop.postcode drop constraint postcode_digits',
    shows: 'missing pg_constraint|postcode_digits of shop.postcode',
  },
  {
    name: 'domain check changed',
    sql: `alter domain shop.postcode drop constraint postcode_digits; alter domain shop.postcode add constraint postcode_digits check (value ~ '^\\d{4}$')`,
    shows: 'pg_constraint|postcode_digits of shop.postcode conbin',
  },
  {
    name: 'domain constraint comment',
    sql: `comment on constraint postcode_digits on domain shop.postcode is 'digits'`,
    shows: 'extra pg_description|pg_constraint postcode_digits of shop.postcode',
  },
  {
    name: 'range subtype difference',
    sql: `create function shop.apart(numeric, numeric) returns double precision language sql immutable as 'select 1.0::float8'; drop type shop.price_range cascade; create type shop.price_range as range (subtype = numeric, subtype_diff = shop.apart)`,
    shows: 'pg_range|shop.price_range rngsubdiff',
  },
  {
    name: 'range multirange name',
    sql: 'alter type shop.price_multirange rename to many_prices',
    shows: 'extra pg_type|shop.many_prices',
  },
  {
    name: 'base type function',
    sql: `create function shop.cents_send(shop.cents) returns bytea language internal strict immutable as 'int4send'; alter type shop.cents set (send = shop.cents_send)`,
    shows: 'pg_type|shop.cents typsend',
  },
  { name: 'shell type dropped', sql: 'drop type shop.shell', shows: 'missing pg_type|shop.shell' },
  {
    name: 'row type privilege',
    sql: 'revoke usage on type shop.orders from public',
    shows: 'pg_type|shop.orders typacl',
  },
  {
    name: 'collation renamed',
    sql: 'alter collation shop.swedish rename to svenska',
    shows: 'extra pg_collation|shop.svenska',
  },
  {
    name: 'collation deterministic',
    sql: `drop collation shop.swedish; create collation shop.swedish (provider = icu, locale = 'sv-SE', deterministic = false)`,
    shows: 'pg_collation|shop.swedish collisdeterministic',
  },
  {
    name: 'collation locale',
    sql: `drop collation shop.swedish; create collation shop.swedish (provider = icu, locale = 'da-DK')`,
    shows: 'pg_collation|shop.swedish coll',
  },
  {
    name: 'collation owner',
    sql: 'alter collation shop.swedish owner to shop_owner',
    shows: 'pg_collation|shop.swedish collowner',
  },
  {
    name: 'collation provider',
    sql: `drop collation shop.swedish; create collation shop.swedish (provider = libc, locale = 'C')`,
    shows: 'pg_collation|shop.swedish collprovider',
  },
  {
    name: 'collation rules',
    minMajor: 17,
    sql: `drop collation shop.swedish; create collation shop.swedish (provider = icu, locale = 'sv-SE', rules = '&a < g')`,
    shows: 'pg_collation|shop.swedish collicurules',
  },

  // routines
  {
    name: 'function body',
    sql: `create or replace function shop.vat(amount numeric, rate numeric default 0.2) returns numeric language sql immutable strict parallel safe as 'select amount * rate + 0'`,
    shows: 'pg_proc|shop.vat(numeric, numeric) prosrc',
  },
  {
    name: 'function argument default',
    sql: `create or replace function shop.vat(amount numeric, rate numeric default 0.3) returns numeric language sql immutable strict parallel safe as 'select amount * rate'`,
    shows: 'pg_proc|shop.vat(numeric, numeric) proargdefaults',
  },
  {
    name: 'function argument name',
    sql: `drop function shop.vat; create function shop.vat(amounts numeric, rate numeric default 0.2) returns numeric language sql immutable strict parallel safe as 'select amounts * rate'`,
    shows: 'pg_proc|shop.vat(numeric, numeric) proargnames',
  },
  {
    name: 'function volatility',
    sql: 'alter function shop.vat stable',
    shows: 'pg_proc|shop.vat(numeric, numeric) provolatile',
  },
  {
    name: 'function strictness',
    sql: 'alter function shop.vat called on null input',
    shows: 'pg_proc|shop.vat(numeric, numeric) proisstrict',
  },
  {
    name: 'function parallel',
    sql: 'alter function shop.vat parallel restricted',
    shows: 'pg_proc|shop.vat(numeric, numeric) proparallel',
  },
  {
    name: 'function cost',
    sql: 'alter function shop.vat cost 3',
    shows: 'pg_proc|shop.vat(numeric, numeric) procost',
  },
  {
    name: 'function rows',
    sql: 'alter function shop.clerk_towns rows 8',
    shows: 'pg_proc|shop.clerk_towns(pg_catalog.text, pg_catalog.text[]) prorows',
  },
  {
    name: 'function security',
    sql: 'alter function shop.clerk_towns security invoker',
    shows: 'pg_proc|shop.clerk_towns(pg_catalog.text, pg_catalog.text[]) prosecdef',
  },
  {
    name: 'function setting',
    sql: `alter function shop.clerk_towns set work_mem = '9MB'`,
    shows: 'pg_proc|shop.clerk_towns(pg_catalog.text, pg_catalog.text[]) proconfig',
  },
  {
    name: 'function setting reset',
    sql: 'alter function shop.clerk_towns reset search_path',
    shows: 'pg_proc|shop.clerk_towns(pg_catalog.text, pg_catalog.text[]) proconfig',
  },
  {
    name: 'function leakproof',
    sql: 'alter function shop.vat leakproof',
    shows: 'pg_proc|shop.vat(numeric, numeric) proleakproof',
  },
  {
    name: 'function support',
    sql: 'alter function shop.vat support generate_series_int4_support',
    shows: 'pg_proc|shop.vat(numeric, numeric) prosupport',
  },
  {
    name: 'function owner',
    sql: 'alter function shop.vat owner to shop_owner',
    shows: 'pg_proc|shop.vat(numeric, numeric) proowner',
  },
  {
    name: 'function privilege',
    sql: 'revoke execute on function shop.vat from public',
    shows: 'pg_proc|shop.vat(numeric, numeric) proacl',
  },
  {
    name: 'function comment',
    sql: `comment on function shop.vat is 'tax'`,
    shows: 'extra pg_description|pg_proc shop.vat(numeric, numeric)',
  },
  {
    name: 'function depends on extension',
    sql: 'alter function shop.vat depends on extension citext',
    shows: 'extra pg_depend|pg_proc shop.vat(numeric, numeric) on pg_extension citext',
  },
  {
    name: 'function no longer depends on extension',
    sql: 'alter function shop.stamp() no depends on extension citext',
    shows: 'missing pg_depend|pg_proc shop.stamp() on pg_extension citext',
  },
  {
    name: 'function overload',
    sql: `create function shop.vat(integer) returns integer language sql as 'select 1'`,
    shows: 'extra pg_proc|shop.vat(integer)',
  },
  {
    name: 'function return type',
    sql: 'drop function shop.cheapest; create function shop.cheapest() returns double precision language sql begin atomic select min(lower(period)) from shop.orders; end',
    shows: 'pg_proc|shop.cheapest() prorettype',
  },
  {
    name: 'function SQL-standard body',
    sql: 'create or replace function shop.cheapest() returns numeric language sql begin atomic select max(lower(period)) from shop.orders; end',
    shows: 'pg_proc|shop.cheapest() prosqlbody',
  },
  {
    name: 'procedure body',
    sql: `create or replace procedure shop.close_day(inout day date) language plpgsql as 'begin day := day + 2; end'`,
    shows: 'pg_proc|shop.close_day(pg_catalog.date) prosrc',
  },
  {
    name: 'aggregate start value',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_add, stype = numeric, initcond = '1', parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) agginitval',
  },
  {
    name: 'aggregate final function',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_add, stype = numeric, initcond = '0', finalfunc = numeric_abs, parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) aggfinalfn',
  },
  {
    name: 'aggregate transition function',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_sub, stype = numeric, initcond = '0', parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) aggtransfn',
  },
  {
    name: 'aggregate combining and size',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_add, stype = numeric, sspace = 64, combinefunc = numeric_add, initcond = '0', parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) aggtransspace',
  },
  {
    name: 'aggregate moving',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_add, stype = numeric, initcond = '0', msfunc = numeric_add, minvfunc = numeric_sub, mstype = numeric, minitcond = '0', mfinalfunc = numeric_abs, parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) aggminvtransfn',
  },
  {
    name: 'aggregate final function may modify',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_add, stype = numeric, initcond = '0', finalfunc_modify = read_write, parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) aggfinalmodify',
  },
  {
    name: 'aggregate sort operator',
    sql: `create or replace aggregate shop.total (numeric) (sfunc = numeric_add, stype = numeric, initcond = '0', sortop = <, parallel = safe)`,
    shows: 'pg_aggregate|shop.total(numeric) aggsortop',
  },
  {
    name: 'function language',
    sql: `create or replace function shop.vat(amount numeric, rate numeric default 0.2) returns numeric language plpgsql immutable strict parallel safe as 'begin return amount * rate; end'`,
    shows: 'pg_proc|shop.vat(numeric, numeric) prolang',
  },
  {
    name: 'function returning a set',
    sql: 'drop function shop.cheapest; create function shop.cheapest() returns setof numeric rows 100 language sql begin atomic select min(lower(period)) from shop.orders; end',
    shows: 'pg_proc|shop.cheapest() proretset',
  },
  {
    name: 'function argument modes',
    sql: `drop procedure shop.close_day; create procedure shop.close_day(in day date) language plpgsql as 'begin day := day + 1; end'`,
    shows: 'pg_proc|shop.close_day(pg_catalog.date) proargmodes',
  },
  {
    name: 'function no longer variadic',
    sql: `drop function shop.clerk_towns; create function shop.clerk_towns(town text, names text[]) returns table (clerk text, town_name text) language plpgsql stable security definer set search_path = shop, pg_temp set work_mem = '8MB' rows 7 cost 50 as 'begin return query select names[1], town; end'`,
    shows: 'pg_proc|shop.clerk_towns(pg_catalog.text, pg_catalog.text[]) provariadic',
  },
  {
    name: 'function transform',
    sql: `create or replace function shop.vat(amount numeric, rate numeric default 0.2) returns numeric transform for type integer language sql immutable strict parallel safe as 'select amount * rate'`,
    shows: 'pg_proc|shop.vat(numeric, numeric) protrftypes',
  },
  {
    name: 'function turned procedure',
    sql: 'drop function shop.cheapest; create procedure shop.cheapest() language sql begin atomic select min(lower(period)) from shop.orders; end',
    shows: 'pg_proc|shop.cheapest() prokind',
  },

  // operators, casts, languages and access methods
  {
    name: 'operator added',
    sql: 'create operator shop.## (function = shop.cents_less, leftarg = shop.cents, rightarg = shop.cents)',
    shows: 'extra pg_operator|shop."##" of shop.cents, shop.cents',
  },
  {
    name: 'operator estimator',
    sql: 'alter operator shop.=== (shop.cents, shop.cents) set (restrict = none)',
    shows: 'pg_operator|shop."===" of shop.cents, shop.cents oprrest',
  },
  {
    name: 'operator join estimator',
    sql: 'alter operator shop.=== (shop.cents, shop.cents) set (join = none)',
    shows: 'pg_operator|shop."===" of shop.cents, shop.cents oprjoin',
  },
  {
    name: 'operator hashes and merges',
    minMajor: 17,
    sql: 'alter operator shop.=== (shop.cents, shop.cents) set (hashes, merges)',
    shows: 'pg_operator|shop."===" of shop.cents, shop.cents oprcanhash',
  },
  {
    name: 'operator negator',
    minMajor: 17,
    sql: 'create operator shop.!== (function = shop.cents_less, leftarg = shop.cents, rightarg = shop.cents); alter operator shop.=== (shop.cents, shop.cents) set (negator = operator(shop.!==))',
    shows: 'pg_operator|shop."===" of shop.cents, shop.cents oprnegate',
  },
  {
    name: 'operator family owner',
    sql: 'alter operator family shop.cents_family using btree owner to shop_owner',
    shows: 'pg_opfamily|shop.cents_family of btree opfowner',
  },
  {
    name: 'operator class default',
    sql: 'drop operator class shop.cents_hash using hash; create operator class shop.cents_hash default for type shop.cents using hash as operator 1 shop.===',
    shows: 'pg_opclass|shop.cents_hash of hash opcdefault',
  },
  {
    name: 'operator class family',
    sql: 'drop operator class shop.cents_ops using btree; create operator class shop.cents_ops for type shop.cents using btree as function 1 shop.cents_compare(shop.cents, shop.cents)',
    shows: 'pg_opclass|shop.cents_ops of btree opcfamily',
  },
  {
    name: 'operator exchanged in a family',
    sql: 'drop operator family shop.cents_family using btree cascade; create operator family shop.cents_family using btree; create operator class shop.cents_ops for type shop.cents using btree family shop.cents_family as operator 1 shop.=== (shop.cents, shop.cents), operator 3 shop.<<< (shop.cents, shop.cents), function 1 shop.cents_compare(shop.cents, shop.cents)',
    shows: 'pg_amop|shop.cents_family of btree, shop.cents, shop.cents, 3 amopopr',
  },
  {
    name: 'support function exchanged',
    sql: `create function shop.cents_compare_too(shop.cents, shop.cents) returns integer language internal strict immutable as 'btint4cmp'; drop operator family shop.cents_family using btree cascade; create operator family shop.cents_family using btree; create operator class shop.cents_ops for type shop.cents using btree family shop.cents_family as operator 1 shop.<<< (shop.cents, shop.cents), operator 3 shop.=== (shop.cents, shop.cents), function 1 shop.cents_compare_too(shop.cents, shop.cents)`,
    shows: 'pg_amproc|shop.cents_family of btree, shop.cents, shop.cents, 1 amproc',
  },
  {
    name: 'operator owner',
    sql: 'alter operator shop.=== (shop.cents, shop.cents) owner to shop_owner',
    shows: 'pg_operator|shop."===" of shop.cents, shop.cents oprowner',
  },
  {
    name: 'operator family member',
    sql: 'alter operator family shop.cents_family using btree add operator 1 < (integer, bigint)',
    shows: 'extra pg_amop|shop.cents_family of btree, integer, bigint, 1',
  },
  {
    name: 'operator of a built-in family',
    sql: 'alter operator family integer_ops using btree add operator 1 shop.<<< (shop.cents, shop.cents)',
    shows: 'extra pg_amop|pg_catalog.integer_ops USING btree, shop.cents, shop.cents, 1',
  },
  {
    name: 'operator class dropped',
    sql: 'drop operator class shop.cents_hash using hash',
    shows: 'missing pg_opclass|shop.cents_hash of hash',
  },
  {
    name: 'operator class owner',
    sql: 'alter operator class shop.cents_ops using btree owner to shop_owner',
    shows: 'pg_opclass|shop.cents_ops of btree opcowner',
  },
  {
    name: 'support function',
    sql: 'alter operator family shop.cents_family using btree add function 2 (shop.cents, shop.cents) btint4sortsupport(internal)',
    shows: 'extra pg_amproc|shop.cents_family of btree, shop.cents, shop.cents, 2',
  },
  {
    name: 'cast context',
    sql: 'drop cast (shop.cents as integer); create cast (shop.cents as integer) with function shop.cents_number(shop.cents) as implicit',
    shows: 'pg_cast|shop.cents, integer castcontext',
  },
  {
    name: 'cast method',
    sql: 'drop cast (shop.cents as integer); create cast (shop.cents as integer) without function as assignment',
    shows: 'pg_cast|shop.cents, integer castfunc',
  },
  {
    name: 'conversion not default',
    sql: `drop conversion shop.from_latin; create conversion shop.from_latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8`,
    shows: 'pg_conversion|shop.from_latin condefault',
  },
  {
    name: 'conversion function',
    sql: `drop conversion shop.from_latin; create default conversion shop.from_latin for 'LATIN2' to 'UTF8' from iso8859_to_utf8`,
    shows: 'pg_conversion|shop.from_latin conproc',
  },
  {
    name: 'conversion owner',
    sql: 'alter conversion shop.from_latin owner to shop_owner',
    shows: 'pg_conversion|shop.from_latin conowner',
  },
  {
    name: 'language trusted',
    sql: 'drop language shop_language; create trusted language shop_language handler shop.language_handler',
    shows: 'pg_language|shop_language lanpltrusted',
  },
  {
    name: 'language inline handler',
    sql: 'drop language shop_language; create language shop_language handler shop.language_handler inline plpgsql_inline_handler',
    shows: 'pg_language|shop_language laninline',
  },
  {
    name: 'language validator',
    sql: 'drop language shop_language; create language shop_language handler shop.language_handler validator plpgsql_validator',
    shows: 'pg_language|shop_language lanvalidator',
  },
  {
    name: 'language owner',
    sql: 'alter language shop_language owner to shop_owner',
    shows: 'pg_language|shop_language lanowner',
  },
  {
    name: 'transform dropped',
    sql: 'drop transform for integer language sql',
    shows: 'missing pg_transform|integer, sql',
  },
  {
    name: 'transform function',
    sql: 'create or replace transform for integer language sql (from sql with function prsd_lextype(internal))',
    shows: 'pg_transform|integer, sql trftosql',
  },
  {
    name: 'access method handler',
    sql: 'drop access method shop_heap cascade; create access method shop_heap type index handler gisthandler',
    shows: 'pg_am|shop_heap amhandler',
  },
  {
    name: 'access method added',
    sql: 'create access method shop_gist type index handler gisthandler',
    shows: 'extra pg_am|shop_gist',
  },

  // policies, statistics objects
  {
    name: 'policy condition',
    sql: 'alter policy own_rows on shop.customers using (name <> current_user)',
    shows: 'pg_policy|own_rows of shop.customers polqual',
  },
  {
    name: 'policy check',
    sql: `alter policy writes on shop.customers with check (name <> 'x')`,
    shows: 'pg_policy|writes of shop.customers polwithcheck',
  },
  {
    name: 'policy roles',
    sql: 'alter policy own_rows on shop.customers to shop_clerk, shop_owner',
    shows: 'pg_policy|own_rows of shop.customers polroles',
  },
  {
    name: 'policy command',
    sql: 'drop policy own_rows on shop.customers; create policy own_rows on shop.customers for update to shop_clerk using (name = current_user)',
    shows: 'pg_policy|own_rows of shop.customers polcmd',
  },
  {
    name: 'policy permissive',
    sql: `drop policy writes on shop.customers; create policy writes on shop.customers for insert to public with check (name <> '')`,
    shows: 'pg_policy|writes of shop.customers polpermissive',
  },
  {
    name: 'policy renamed',
    sql: 'alter policy own_rows on shop.customers rename to my_rows',
    shows: 'extra pg_policy|my_rows of shop.customers',
  },
  {
    name: 'policy comment',
    sql: `comment on policy own_rows on shop.customers is 'own'`,
    shows: 'extra pg_description|pg_policy own_rows of shop.customers',
  },
  {
    name: 'statistics kinds',
    sql: 'drop statistics shop.customer_pairs; create statistics shop.customer_pairs (ndistinct, mcv) on name, email from shop.customers',
    shows: 'pg_statistic_ext|shop.customer_pairs stxkind',
  },
  {
    name: 'statistics target',
    sql: 'alter statistics shop.customer_pairs set statistics 50',
    shows: 'pg_statistic_ext|shop.customer_pairs stxstattarget',
  },
  {
    name: 'statistics columns',
    sql: 'drop statistics shop.customer_pairs; create statistics shop.customer_pairs (ndistinct, dependencies) on id, email from shop.customers',
    shows: 'pg_statistic_ext|shop.customer_pairs stxkeys',
  },
  {
    name: 'statistics expression',
    sql: 'drop statistics shop.customer_words; create statistics shop.customer_words on (upper(name)) from shop.customers',
    shows: 'pg_statistic_ext|shop.customer_words stxexprs',
  },
  {
    name: 'statistics owner',
    sql: 'alter statistics shop.customer_pairs owner to shop_owner',
    shows: 'pg_statistic_ext|shop.customer_pairs stxowner',
  },

  // text search
  {
    name: 'dictionary option',
    sql: 'alter text search dictionary shop.simple_words (accept = true)',
    shows: 'pg_ts_dict|shop.simple_words dictinitoption',
  },
  {
    name: 'dictionary template',
    sql: 'drop text search dictionary shop.simple_words cascade; create text search dictionary shop.simple_words (template = shop.plain)',
    shows: 'pg_ts_dict|shop.simple_words dicttemplate',
  },
  {
    name: 'dictionary owner',
    sql: 'alter text search dictionary shop.simple_words owner to shop_owner',
    shows: 'pg_ts_dict|shop.simple_words dictowner',
  },
  {
    name: 'parser function',
    sql: 'drop text search parser shop.words; create text search parser shop.words (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype)',
    shows: 'pg_ts_parser|shop.words prsheadline',
  },
  {
    name: 'template function',
    sql: 'drop text search template shop.plain; create text search template shop.plain (lexize = dsimple_lexize)',
    shows: 'pg_ts_template|shop.plain tmplinit',
  },
  {
    name: 'configuration parser',
    sql: 'drop text search configuration shop.search; create text search configuration shop.search (parser = shop.words)',
    shows: 'pg_ts_config|shop.search cfgparser',
  },
  {
    name: 'configuration mapping',
    sql: 'alter text search configuration shop.search alter mapping for word with simple',
    shows: 'pg_ts_config_map|shop.search, 2, 1 mapdict',
  },
  {
    name: 'configuration mapping dropped',
    sql: 'alter text search configuration shop.search drop mapping for email',
    shows: 'missing pg_ts_config_map|shop.search, 4, 1',
  },
  {
    name: 'configuration mapping order',
    sql: 'alter text search configuration shop.search alter mapping for word with simple, shop.simple_words',
    shows: 'pg_ts_config_map|shop.search, 2, 1 mapdict',
  },
  {
    name: 'configuration owner',
    sql: 'alter text search configuration shop.search owner to shop_owner',
    shows: 'pg_ts_config|shop.search cfgowner',
  },
  {
    name: 'parser dropped',
    sql: 'drop text search parser shop.words',
    shows: 'missing pg_ts_parser|shop.words',
  },
  {
    name: 'template renamed',
    sql: 'alter text search template shop.plain rename to plainest',
    shows: 'missing pg_ts_template|shop.plain',
  },
  {
    name: 'text search comment',
    sql: `comment on text search configuration shop.search is 'search'`,
    shows: 'extra pg_description|pg_ts_config shop.search',
  },

  // foreign data
  {
    name: 'wrapper option',
    sql: `alter foreign data wrapper shop_wrapper options (set debug 'off')`,
    shows: 'pg_foreign_data_wrapper|shop_wrapper fdwoptions',
  },
  {
    name: 'wrapper validator',
    sql: 'alter foreign data wrapper shop_wrapper validator postgresql_fdw_validator',
    shows: 'pg_foreign_data_wrapper|shop_wrapper fdwvalidator',
  },
  {
    name: 'wrapper handler',
    sql: 'alter foreign data wrapper shop_wrapper handler file_fdw_handler',
    shows: 'pg_foreign_data_wrapper|shop_wrapper fdwhandler',
  },
  {
    name: 'wrapper privilege',
    sql: 'grant usage on foreign data wrapper shop_wrapper to shop_clerk',
    shows: 'pg_foreign_data_wrapper|shop_wrapper fdwacl',
  },
  {
    name: 'server option',
    sql: `alter server shop_server options (set host 'other')`,
    shows: 'pg_foreign_server|shop_server srvoptions',
  },
  {
    name: 'server version',
    sql: `alter server shop_server version '3'`,
    shows: 'pg_foreign_server|shop_server srvversion',
  },
  {
    name: 'server owner',
    sql: 'alter server shop_server owner to shop_owner',
    shows: 'pg_foreign_server|shop_server srvowner',
  },
  {
    name: 'server type and wrapper',
    sql: `drop server files cascade; create server files type 'disk' foreign data wrapper shop_wrapper`,
    shows: 'pg_foreign_server|files srvfdw',
  },
  {
    name: 'foreign table server',
    sql: `drop foreign table shop.till; create server others foreign data wrapper file_fdw; create foreign table shop.till (line text options (force_not_null 'true')) server others options (filename '/dev/null')`,
    shows: 'pg_foreign_table|shop.till ftserver',
  },
  {
    name: 'server privilege',
    sql: 'revoke usage on foreign server shop_server from shop_clerk',
    shows: 'pg_foreign_server|shop_server srvacl',
  },
  {
    name: 'user mapping option',
    sql: `alter user mapping for shop_clerk server shop_server options (set password 'other')`,
    shows: 'pg_user_mapping|shop_clerk, shop_server umoptions',
  },
  {
    name: 'user mapping added',
    sql: 'create user mapping for public server shop_server',
    shows: 'extra pg_user_mapping|shop_server',
  },
  {
    name: 'foreign table option',
    sql: `alter foreign table shop.till options (set filename '/dev/zero')`,
    shows: 'pg_foreign_table|shop.till ftoptions',
  },
  {
    name: 'foreign table column option',
    sql: `alter foreign table shop.till alter column line options (set force_not_null 'false')`,
    shows: 'pg_attribute|line of shop.till attfdwoptions',
  },

  // replication and events
  {
    name: 'publication operations',
    sql: `alter publication shop_publication set (publish = 'insert')`,
    shows: 'pg_publication|shop_publication pubupdate',
  },
  {
    name: 'publication deletes and truncates',
    sql: `alter publication shop_publication set (publish = 'insert, update, delete, truncate')`,
    shows: 'pg_publication|shop_publication pubtruncate',
  },
  {
    name: 'publication without inserts',
    sql: `alter publication shop_publication set (publish = 'update')`,
    shows: 'pg_publication|shop_publication pubinsert',
  },
  {
    name: 'publication of generated columns',
    minMajor: 18,
    sql: 'alter publication shop_publication set (publish_generated_columns = stored)',
    shows: 'pg_publication|shop_publication pubgencols',
  },
  {
    name: 'publication through the root',
    sql: 'alter publication shop_publication set (publish_via_partition_root = true)',
    shows: 'pg_publication|shop_publication pubviaroot',
  },
  {
    name: 'publication table dropped',
    sql: 'alter publication shop_publication drop table shop.heaped',
    shows: 'missing pg_publication_rel|shop_publication, shop.heaped',
  },
  {
    name: 'publication columns',
    sql: 'alter publication shop_publication set table shop.orders (id, customer, state) where (customer > 0), table shop.heaped',
    shows: 'pg_publication_rel|shop_publication, shop.orders prattrs',
  },
  {
    name: 'publication filter',
    sql: 'alter publication shop_publication set table shop.orders (id, customer) where (customer > 1), table shop.heaped',
    shows: 'pg_publication_rel|shop_publication, shop.orders prqual',
  },
  {
    name: 'publication schema',
    sql: 'alter publication archive_publication add tables in schema shop',
    shows: 'extra pg_publication_namespace|shop. of archive_publication',
  },
  {
    name: 'publication of all tables',
    sql: 'drop publication archive_publication; create publication archive_publication for all tables',
    shows: 'pg_publication|archive_publication puballtables',
  },
  {
    name: 'publication owner',
    sql: 'alter publication shop_publication owner to shop_owner',
    shows: 'pg_publication|shop_publication pubowner',
  },
  {
    name: 'subscription connection',
    sql: `alter subscription shop_subscription connection 'host=elsewhere'`,
    shows: 'pg_subscription|shop_subscription of this database subconninfo',
  },
  {
    name: 'subscription publications',
    sql: 'alter subscription shop_subscription set publication farther with (refresh = false)',
    shows: 'pg_subscription|shop_subscription of this database subpublications',
  },
  {
    name: 'subscription option',
    sql: 'alter subscription shop_subscription set (binary = true)',
    shows: 'pg_subscription|shop_subscription of this database subbinary',
  },
  {
    name: 'subscription streaming',
    sql: 'alter subscription shop_subscription set (streaming = on)',
    shows: 'pg_subscription|shop_subscription of this database substream',
  },
  {
    name: 'subscription stopping on errors',
    sql: 'alter subscription shop_subscription set (disable_on_error = true)',
    shows: 'pg_subscription|shop_subscription of this database subdisableonerr',
  },
  {
    name: 'subscription synchronous commit',
    sql: 'alter subscription shop_subscription set (synchronous_commit = remote_write)',
    shows: 'pg_subscription|shop_subscription of this database subsynccommit',
  },
  {
    name: 'subscription slot',
    sql: `alter subscription shop_subscription set (slot_name = 'slot')`,
    shows: 'pg_subscription|shop_subscription of this database subslotname',
  },
  {
    name: 'subscription password',
    minMajor: 17,
    sql: 'alter subscription shop_subscription set (password_required = false)',
    shows: 'pg_subscription|shop_subscription of this database subpasswordrequired',
  },
  {
    name: 'subscription run as owner',
    minMajor: 17,
    sql: 'alter subscription shop_subscription set (run_as_owner = true)',
    shows: 'pg_subscription|shop_subscription of this database subrunasowner',
  },
  {
    name: 'subscription origin',
    minMajor: 17,
    sql: 'alter subscription shop_subscription set (origin = none)',
    shows: 'pg_subscription|shop_subscription of this database suborigin',
  },
  {
    name: 'event trigger enabled',
    sql: 'alter event trigger shop_watch enable',
    shows: 'pg_event_trigger|shop_watch evtenabled',
  },
  {
    name: 'event trigger tags',
    sql: `drop event trigger shop_watch; create event trigger shop_watch on ddl_command_start when tag in ('CREATE TABLE') execute function shop.watch(); alter event trigger shop_watch disable`,
    shows: 'pg_event_trigger|shop_watch evttags',
  },
  {
    name: 'event trigger event',
    sql: `drop event trigger shop_watch; create event trigger shop_watch on ddl_command_end when tag in ('CREATE TABLE', 'DROP TABLE') execute function shop.watch(); alter event trigger shop_watch disable`,
    shows: 'pg_event_trigger|shop_watch evtevent',
  },
  {
    name: 'event trigger function',
    sql: `create function shop.look() returns event_trigger language plpgsql as 'begin end'; drop event trigger shop_watch; create event trigger shop_watch on ddl_command_start when tag in ('CREATE TABLE', 'DROP TABLE') execute function shop.look(); alter event trigger shop_watch disable`,
    shows: 'pg_event_trigger|shop_watch evtfoid',
  },
  {
    name: 'event trigger comment',
    sql: `comment on event trigger shop_watch is 'watches'`,
    shows: 'extra pg_description|pg_event_trigger shop_watch',
  },

  // extensions
  {
    name: 'extension added',
    sql: 'create extension pg_trgm schema archive',
    shows: 'extra pg_extension|pg_trgm',
  },
  {
    name: 'extension dropped',
    sql: 'drop extension file_fdw cascade',
    shows: 'missing pg_extension|file_fdw',
  },
  {
    name: 'extension moved',
    sql: 'alter extension citext set schema public',
    shows: 'pg_extension|citext extnamespace',
  },
  {
    name: 'extension member dropped',
    sql: 'alter extension citext drop function archive.citext_cmp(archive.citext, archive.citext)',
    shows: 'pg_proc|archive.citext_cmp(archive.citext, archive.citext) extension',
  },
  {
    name: 'extension member added',
    sql: 'alter extension citext add function shop.vat(numeric, numeric)',
    shows: 'pg_proc|shop.vat(numeric, numeric) extension',
  },
  {
    name: 'extension member privilege',
    sql: 'grant execute on function archive.citext_cmp(archive.citext, archive.citext) to public',
    shows: 'pg_proc|archive.citext_cmp(archive.citext, archive.citext) proacl',
  },
  {
    name: 'extension member privilege granted',
    sql: 'grant execute on function archive.citext_eq(archive.citext, archive.citext) to shop_clerk',
    shows: 'pg_proc|archive.citext_eq(archive.citext, archive.citext) proacl',
  },
  {
    name: 'extension member changed',
    sql: 'alter function archive.citext_eq(archive.citext, archive.citext) cost 9',
    shows: 'pg_proc|archive.citext_eq(archive.citext, archive.citext) procost',
  },
  {
    name: 'extension comment',
    sql: `comment on extension citext is 'case'`,
    shows: 'pg_description|pg_extension citext description',
  },

  // privileges by default and of built-ins
  {
    name: 'default privilege',
    sql: 'alter default privileges for role shop_owner in schema shop grant insert on tables to shop_clerk',
    shows: 'pg_default_acl|shop. of shop_owner, r defaclacl',
  },
  {
    name: 'default privilege of the owner',
    sql: 'alter default privileges for role shop_owner grant execute on functions to public',
    shows: 'missing pg_default_acl|shop_owner, f',
  },
  {
    name: 'default privilege on schemas',
    sql: 'alter default privileges for role shop_owner grant usage on schemas to shop_clerk',
    shows: 'extra pg_default_acl|shop_owner, n',
  },
  {
    name: 'built-in function privilege back',
    sql: 'grant execute on function pg_sleep(double precision) to public',
    shows: 'missing pg_proc|built-in pg_catalog.pg_sleep(double precision)',
  },
  {
    name: 'built-in function privilege',
    sql: 'revoke execute on function pg_sleep_for(interval) from public',
    shows: 'extra pg_proc|built-in pg_catalog.pg_sleep_for(interval)',
  },
  {
    name: 'built-in function privilege that was never open',
    sql: 'grant execute on function pg_read_file(text) to shop_clerk',
    shows: 'extra pg_proc|built-in pg_catalog.pg_read_file(pg_catalog.text)',
  },
  {
    name: 'built-in table privilege',
    sql: 'revoke select on pg_settings from public',
    shows: 'extra pg_class|built-in pg_catalog.pg_settings',
  },
  {
    name: 'built-in column privilege',
    sql: 'grant select (rolsuper) on pg_authid to shop_clerk',
    shows: 'extra pg_attribute|built-in pg_catalog.pg_authid.rolsuper',
  },
  {
    name: 'built-in type privilege',
    sql: 'revoke usage on type text from public',
    shows: 'extra pg_type|built-in pg_catalog.text',
  },
  {
    name: 'built-in language privilege',
    sql: 'revoke usage on language sql from public',
    shows: 'extra pg_language|built-in sql',
  },
  {
    name: 'plpgsql privilege',
    sql: 'revoke usage on language plpgsql from public',
    shows: 'pg_language|plpgsql lanacl',
  },
  {
    name: 'default privilege on large objects',
    minMajor: 18,
    sql: 'alter default privileges for role shop_owner grant select on large objects to shop_clerk',
    shows: 'extra pg_default_acl|shop_owner, L',
  },

  // large objects, the database
  {
    name: 'large object with a number as built-ins have',
    sql: 'select lo_create(4711)',
    shows: 'extra pg_largeobject_metadata|4711',
  },
  {
    name: 'privilege and comment of such a large object',
    sql: `select lo_create(4711); grant select on large object 4711 to shop_clerk; comment on large object 4711 is 'low'`,
    shows: 'extra pg_description|pg_largeobject_metadata 4711',
  },
  {
    name: 'large object added',
    sql: 'select lo_create(424243)',
    shows: 'extra pg_largeobject_metadata|424243',
  },
  {
    name: 'large object owner',
    sql: 'alter large object 424242 owner to shop_owner',
    shows: 'pg_largeobject_metadata|424242 lomowner',
  },
  {
    name: 'large object privilege',
    sql: 'revoke select on large object 424242 from shop_clerk',
    shows: 'pg_largeobject_metadata|424242 lomacl',
  },
  {
    name: 'large object comment',
    sql: 'comment on large object 424242 is null',
    shows: 'missing pg_description|pg_largeobject_metadata 424242',
  },
  {
    name: 'database setting',
    sql: `do $$ begin execute format('alter database %I set work_mem = ''7MB''', current_database()); end $$`,
    shows: 'pg_db_role_setting|this database setconfig',
  },
  {
    name: 'database setting of a role',
    sql: `do $$ begin execute format('alter role shop_clerk in database %I set search_path = archive', current_database()); end $$`,
    shows: 'pg_db_role_setting|this database, shop_clerk setconfig',
  },
  {
    name: 'database setting reset',
    sql: `do $$ begin execute format('alter database %I reset work_mem', current_database()); end $$`,
    shows: 'missing pg_db_role_setting|this database',
  },
  {
    name: 'database privilege',
    sql: `do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$`,
    shows: 'pg_database|this database datacl',
  },
  {
    name: 'database comment',
    sql: `do $$ begin execute format('comment on database %I is ''changed''', current_database()); end $$`,
    shows: 'pg_shdescription|pg_database this database description',
  },
  {
    name: 'database connections',
    sql: `do $$ begin execute format('alter database %I connection limit 5', current_database()); end $$`,
    shows: 'pg_database|this database datconnlimit',
  },
  {
    name: 'database owner',
    sql: `do $$ begin execute format('alter database %I owner to shop_owner', current_database()); end $$`,
    shows: 'environment|pg_database this database datdba',
  },
];

/** What leaves the schema as it was, or is no part of it: the hash must stay. Run like the mutations. */
export const changesThatAreNone: readonly { name: string; sql: string }[] = [
  { name: 'nothing', sql: 'select 1' },
  { name: 'rows', sql: 'insert into shop.parent (id) values (1); analyze shop.parent' },
  { name: 'sequence value', sql: "select nextval('shop.numbers')" },
  {
    name: 'temporary objects',
    sql: 'create temporary table orders (id integer primary key); create function pg_temp.f() returns integer language sql as $$ select 1 $$',
  },
  {
    name: 'other OIDs',
    sql: 'drop table shop.stock; create table shop.stock (region text, item text) partition by list (lower(region))',
  },
  {
    name: 'a dropped column',
    sql: 'alter table shop.orders add column passing text; alter table shop.orders drop column passing',
  },
  { name: 'files of a table rewritten', sql: 'truncate shop.orders; cluster shop.customers' },
  {
    name: 'rights given and taken',
    sql: 'grant all on shop.carts to shop_clerk; revoke all on shop.carts from shop_clerk',
  },
  { name: 'rights given by the owner to itself', sql: 'grant select on shop.carts to postgres' },
  {
    name: 'rights in another order',
    sql: 'revoke all on shop.customers from shop_clerk; grant update (name) on shop.customers to shop_clerk with grant option; grant insert, select on shop.customers to shop_clerk',
  },
  {
    name: 'options in another order',
    sql: 'alter table shop.customers reset (fillfactor); alter table shop.customers set (fillfactor = 80)',
  },
  {
    name: 'settings in another order',
    sql: 'alter function shop.clerk_towns reset search_path; alter function shop.clerk_towns set search_path = shop, pg_temp',
  },
  {
    name: 'enum position with a fraction',
    sql: "alter type shop.status rename value 'sent' to 'gone'; alter type shop.status rename value 'gone' to 'sent'",
  },
  { name: 'large object contents', sql: "select lo_put(424242, 0, 'other')" },
  {
    name: 'roles and their settings',
    sql: 'create role shop_guest; alter role shop_guest set work_mem = 64',
  },
  {
    name: 'settings of the session',
    sql: "set local search_path = shop, archive; set local datestyle = german; set local timezone = 'Asia/Tokyo'; set local extra_float_digits = 0; set local quote_all_identifiers = on",
  },
];
