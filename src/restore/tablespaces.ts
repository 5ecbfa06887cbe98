import type pg from 'pg';

/** As pg_dump sets it before an object that is not in the database's own tablespace, with what follows such a line. */
const setting =
  /^SET default_tablespace = ("(?:[^"\n]|"")*"|[^"'\n;]+);\n(?=\n(?:SET [^\n]*;\n\n)*--\n-- (?:Data for )?Name: )/gm;

/**
 * A script whose objects go to the default tablespace where this server has not the one they were in. Tablespaces belong to a
 * server and not to a database; the comparison names each object that lies elsewhere for that.
 */
export async function inTablespacesHere(client: pg.ClientBase, script: string): Promise<string> {
  if (script.search(setting) < 0) return script;
  const { rows } = await client.query<{ name: string }>(
    'SELECT pg_catalog.quote_ident(spcname) AS name FROM pg_catalog.pg_tablespace',
  );
  const known = new Set(rows.map(({ name }) => name));
  return script.replaceAll(setting, (line, name: string) =>
    known.has(name) ? line : `SET default_tablespace = '';\n`,
  );
}
