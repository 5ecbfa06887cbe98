import { afterAll, describe, expect, test } from 'vitest';
import type { Deps } from '../../src/deps.ts';
import { contentRootOf } from '../support/content-root.ts';
import { schemaText } from '../support/schema-text.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/**
 * A backup replaces the very database it was taken of: whatever is in there, nothing may have changed afterwards. And when
 * something fails in the middle, nothing may have changed either.
 */

afterAll(stopServers);

/** Our own proof, and pg_dump's word beside it. */
const stateOf = async (url: string) => ({ root: await contentRootOf(url), schema: await schemaText(url) });

/** Fails when the restored content is to be compared: all is in by then, and nothing committed. */
function failInside(deps: Deps): Disposable {
  const { progress } = deps;
  deps.progress = {
    ...progress,
    step: (title) => {
      if (title.startsWith('Comparing every row')) throw new Error('the injected fault');
      return progress.step(title);
    },
  };
  return {
    [Symbol.dispose]: () => {
      deps.progress = progress;
    },
  };
}

/** Backup, a replace that fails inside, a replace: always the same state. Returns the backup's id. */
async function expectSameAgain(
  place: Workplace,
  url: string,
  before: Awaited<ReturnType<typeof stateOf>>,
  as = url,
): Promise<string> {
  const taken = await place.backup(as);
  {
    using _ = failInside(place.deps);
    await expect(place.restore(as, { id: taken.id })).rejects.toThrow('the injected fault');
  }
  expect(await contentRootOf(url)).toBe(before.root);
  const { done, plan } = await place.restore(as, { id: taken.id });
  expect([plan.problems, plan.objects, plan.vanishing]).toEqual([[], [], []]);
  expect(done!.contentRoot).toBe(taken.receipt.contentRoot);
  expect(await stateOf(url)).toEqual(before);
  return taken.id;
}

const roles = `DO $$ DECLARE r text; BEGIN FOREACH r IN ARRAY ARRAY['reader', 'Team "A"', 'keeper'] LOOP
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN EXECUTE format('CREATE ROLE %I', r); END IF; END LOOP; END $$;`;

/** After some tables and before others, for everybody's, one schema's and another role's objects. */
const defaultPrivileges = `
  CREATE SCHEMA app; CREATE TABLE early (a int); CREATE TABLE app.early (a serial); INSERT INTO app.early DEFAULT VALUES;
  CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mood AS ENUM ('x');
  ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
  ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC, CURRENT_USER; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO reader WITH GRANT OPTION;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO "Team ""A""", PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT INSERT ON TABLES TO reader;
  ALTER DEFAULT PRIVILEGES FOR ROLE keeper GRANT DELETE ON TABLES TO reader; ALTER DEFAULT PRIVILEGES FOR ROLE keeper IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO reader;
  CREATE TABLE late (a int); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT lo_create(70001);`;

const changedPublic = `
  ALTER SCHEMA public OWNER TO keeper; COMMENT ON SCHEMA public IS 'ours; all''s in
-- here'; GRANT ALL ON SCHEMA public TO "Team ""A""" WITH GRANT OPTION; REVOKE ALL ON SCHEMA public FROM PUBLIC;
  SET ROLE "Team ""A"""; GRANT USAGE ON SCHEMA public TO reader; RESET ROLE;`;

const extensionApart = `
  CREATE SCHEMA "Ext ensions"; CREATE EXTENSION citext SCHEMA "Ext ensions"; GRANT USAGE ON SCHEMA "Ext ensions" TO reader; COMMENT ON SCHEMA "Ext ensions" IS 'apart';
  COMMENT ON EXTENSION citext IS 'ours'; CREATE TABLE people (email "Ext ensions".citext UNIQUE); INSERT INTO people VALUES ('A@example.com'); CREATE TABLE "Ext ensions".mine (a int);`;

/** The embedded servers have no extension with such tables, so one is given some, as its own script would. */
const configurationTables = `
  CREATE TABLE setting (id serial PRIMARY KEY, builtin bool NOT NULL, value text); CREATE TABLE job (id int PRIMARY KEY, setting int REFERENCES setting);
  CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$;
  INSERT INTO setting (builtin, value) VALUES (true, 'of the extension'), (false, 'ours'); INSERT INTO job VALUES (1, 2), (2, 1);
  CREATE TRIGGER no BEFORE INSERT OR DELETE ON setting FOR EACH ROW EXECUTE FUNCTION no();
  ALTER EXTENSION citext ADD TABLE setting; ALTER EXTENSION citext ADD TABLE job; ALTER EXTENSION citext ADD FUNCTION no(); ALTER EXTENSION citext ADD SEQUENCE setting_id_seq;
  SET allow_system_table_mods = on; UPDATE pg_extension SET extconfig = ARRAY['setting'::regclass::oid, 'job'::regclass::oid], extcondition = ARRAY['WHERE NOT builtin ORDER BY id', '']
  WHERE extname = 'citext'; RESET allow_system_table_mods; CREATE TABLE uses (job int REFERENCES job); INSERT INTO uses VALUES (1);`;

const made = async (major: number, sql: string) => {
  const url = await newDatabase(major);
  await run(url, roles + sql);
  return url;
};

describe.each([15, 18])('PostgreSQL %i', (major) => {
  test('default privileges, public, an extension apart and its rows: as they were, and as they were again', async () => {
    await using place = await openWorkplace();
    const url = await made(major, extensionApart + configurationTables + defaultPrivileges + changedPublic);
    const before = await stateOf(url);
    const settings = () => run(url, 'SELECT id, builtin, value FROM setting ORDER BY id');
    const settingsBefore = await settings();
    const id = await expectSameAgain(place, url, before);
    await run(
      url,
      `ALTER SCHEMA "Ext ensions" OWNER TO keeper; GRANT CREATE ON SCHEMA "Ext ensions" TO "Team ""A"""; REVOKE USAGE ON SCHEMA "Ext ensions" FROM reader; COMMENT ON SCHEMA "Ext ensions" IS NULL;
       COMMENT ON EXTENSION citext IS NULL; ALTER SCHEMA public OWNER TO pg_database_owner; COMMENT ON SCHEMA public IS NULL; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO keeper;
       TRUNCATE uses; ALTER TABLE setting DISABLE TRIGGER no; DELETE FROM job; DELETE FROM setting WHERE NOT builtin; UPDATE setting SET value = 'newer release';
       INSERT INTO setting VALUES (9, false, 'later'); ALTER TABLE setting ENABLE TRIGGER no; SELECT lo_put(70001, 3000, 'x')`,
    );
    await place.restore(url, { id });
    expect(await stateOf(url)).toEqual(before);
    // What belongs to the extension itself is left as it is now.
    expect(await settings()).toEqual([{ id: 1, builtin: true, value: 'newer release' }, settingsBefore[1]]);
    const later = `CREATE TABLE later (a int); SELECT has_table_privilege('reader', 'later', 'SELECT') AS reads`;
    expect(await run(url, later)).toEqual([{ reads: true }]);
  });

  test('an ordinary owner replaces what is its own', async () => {
    await using place = await openWorkplace();
    const host = await server(major);
    await run(
      host.url,
      `${roles} CREATE ROLE app LOGIN PASSWORD 'x' NOSUPERUSER; GRANT pg_read_all_data, reader TO app`,
    );
    const url = await newDatabase(major, 'OWNER app');
    const asOwner = Object.assign(new URL(url), { username: 'app', password: 'x' }).href;
    await run(
      asOwner,
      `CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; GRANT USAGE ON SCHEMA extensions, public TO reader; REVOKE ALL ON SCHEMA public FROM PUBLIC;
       CREATE TABLE a (id serial PRIMARY KEY, e extensions.citext); INSERT INTO a (e) VALUES ('x'); ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
       SELECT lo_from_bytea(70001, 'abc'); GRANT SELECT ON LARGE OBJECT 70001 TO reader; SELECT lo_from_bytea(70002, 'abc'); COMMENT ON LARGE OBJECT 70002 IS 'a; ''b\\'''`,
    );
    await run(
      url,
      `CREATE TABLE setting (builtin bool, value text); INSERT INTO setting VALUES (true, 'x'), (false, 'y'); ALTER EXTENSION citext ADD TABLE setting; SET allow_system_table_mods = on;
       UPDATE pg_extension SET extconfig = ARRAY['setting'::regclass::oid], extcondition = ARRAY['WHERE NOT builtin'] WHERE extname = 'citext'; COMMENT ON EXTENSION citext IS 'of the administrator'`,
    );
    const before = await stateOf(url);
    const id = await expectSameAgain(place, url, before, asOwner);
    await run(
      asOwner,
      `DROP TABLE a; CREATE TABLE b (); GRANT CREATE ON SCHEMA public TO reader; SELECT lo_put(70001, 1, 'x'), lo_unlink(70002), lo_create(70003)`,
    );
    await place.restore(asOwner, { id });
    expect(await stateOf(url)).toEqual(before);
  });
});

test('each public schema into the other, into one made anew, and into an empty database that has its own', async () => {
  await using place = await openWorkplace();
  const changed = await made(18, `${changedPublic} CREATE TABLE a (b int)`);
  const plain = await made(18, 'CREATE TABLE a (b int); COMMENT ON SCHEMA public IS NULL');
  const states = [await stateOf(changed), await stateOf(plain)];
  const [ofChanged, ofPlain] = [await place.backup(changed), await place.backup(plain)];
  await place.restore(changed, { id: ofPlain.id });
  await place.restore(plain, { id: ofChanged.id });
  expect([await stateOf(plain), await stateOf(changed)]).toEqual(states);
  const empty = await made(
    18,
    'GRANT CREATE ON SCHEMA public TO reader; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO reader',
  );
  const { done } = await place.restore(empty, { id: ofChanged.id, mode: 'new' });
  expect(done!.before).toBe(null);
  expect(await stateOf(empty)).toEqual(states[0]);
  // The usual accident, and the usual first try to mend it.
  for (const accident of ['DROP SCHEMA public CASCADE', 'DROP SCHEMA public CASCADE; CREATE SCHEMA public']) {
    await run(changed, accident);
    await place.restore(changed, { id: ofPlain.id });
    expect(await schemaText(changed)).toEqual(states[1]!.schema);
  }
});

test('an extension that was moved is made anew where it was; an empty database may have it already', async () => {
  await using place = await openWorkplace();
  const url = await made(18, extensionApart);
  const before = await stateOf(url);
  const { id } = await place.backup(url);
  await run(url, 'ALTER EXTENSION citext SET SCHEMA public');
  await place.restore(url, { id });
  expect(await stateOf(url)).toEqual(before);
  const prepared = await made(
    18,
    `CREATE SCHEMA "Ext ensions"; CREATE EXTENSION citext SCHEMA "Ext ensions"; ${configurationTables.replace(/CREATE TABLE uses.*/s, '')}`,
  );
  const plan = await place.restore(prepared, { id, mode: 'new', confirm: async () => false });
  expect(plan.plan.target.isEmpty).toBe(true);
  await run(prepared, 'CREATE TYPE mine AS ENUM ()');
  await expect(place.restore(prepared, { id, mode: 'new' })).rejects.toThrow(/is not empty/);
});

describe('the CRM tables of backups', () => {
  const backups = (schema: string) => `
    CREATE TYPE ${schema}.state AS ENUM ('completed', 'failed'); CREATE TABLE ${schema}.staff (id int PRIMARY KEY); INSERT INTO ${schema}.staff VALUES (1);
    CREATE TABLE ${schema}.backups (id serial PRIMARY KEY, date date, size_kb int, type char(10), status ${schema}.state NOT NULL, data jsonb, enquiry_count int, trigger_event text, created_at timestamptz DEFAULT now(),
      made_by int REFERENCES ${schema}.staff, twice int GENERATED ALWAYS AS (size_kb * 2) STORED);
    INSERT INTO ${schema}.backups (size_kb, status, data, made_by) VALUES (1, 'completed', '{"a": "\\\\"}', 1), (2, 'failed', NULL, NULL);
    CREATE FUNCTION ${schema}.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$; CREATE TRIGGER no BEFORE INSERT OR UPDATE ON ${schema}.backups FOR EACH ROW EXECUTE FUNCTION ${schema}.no();
    CREATE RULE twice AS ON INSERT TO ${schema}.backups DO ALSO INSERT INTO ${schema}.staff VALUES (99);`;
  const quietly = (sql: string) => `
    ALTER TABLE public.backups DISABLE TRIGGER no; ALTER TABLE public.backups DISABLE RULE twice; ${sql};
    ALTER TABLE public.backups ENABLE TRIGGER no; ALTER TABLE public.backups ENABLE RULE twice`;

  test('of two schemas keep their rows, nothing fires, and the next number is free', async () => {
    await using place = await openWorkplace();
    const url = await made(18, `CREATE SCHEMA crm; ${backups('public')} ${backups('crm')}`);
    const { id } = await place.backup(url);
    await run(
      url,
      quietly(`INSERT INTO public.backups (id, size_kb, type, status) VALUES (7, 3, 'late', 'failed')`),
    );
    const rows = () =>
      run(
        url,
        `SELECT json_agg(p ORDER BY id)::text AS p, (SELECT json_agg(c ORDER BY id)::text FROM crm.backups c) AS c, (SELECT count(*) FROM staff) AS staff FROM public.backups p`,
      );
    const before = await rows();
    await place.restore(url, { id });
    expect(await rows()).toEqual(before);
    expect(await run(url, `SELECT nextval('public.backups_id_seq') AS next`)).toEqual([{ next: '8' }]);
  });

  test('that refer to what the backup lacks: refused, and all as it was', async () => {
    await using place = await openWorkplace();
    const url = await made(18, backups('public'));
    const { id } = await place.backup(url);
    await run(
      url,
      quietly(`INSERT INTO staff VALUES (5); INSERT INTO backups (status, made_by) VALUES ('failed', 5)`),
    );
    const before = await stateOf(url);
    await expect(place.restore(url, { id })).rejects.toThrow(
      /public.backups, which a restore keeps, do not fit the backup: .*made_by/,
    );
    expect(await stateOf(url)).toEqual(before);
  });
});
