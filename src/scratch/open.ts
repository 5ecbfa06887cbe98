import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { SourceDescription } from '../archive/tables.ts';
import { ConfigError } from '../lib/errors.ts';
import { quoteIdentifier, quoteLiteral } from '../lib/sql.ts';
import { withDatabase } from '../source/postgres/address.ts';
import { countUserObjects, readSettings, type SourceCatalog } from '../source/postgres/catalog.ts';
import { type ConnectionTarget, connect, disconnect, serverMajor } from '../source/postgres/connect.ts';
import { createLike } from './create-like.ts';
import { startEmbeddedPostgres } from './embedded.ts';

/** A throwaway database, gone when disposed of. */
export interface Scratch extends AsyncDisposable {
  kind: 'embedded' | 'url';
  /** Of the server it is on: for rows from a CRM it may be newer than the backup's. */
  serverMajor: number;
  target: ConnectionTarget;
  /** What it was to be like. */
  source: SourceDescription;
  /** What it is like. */
  settings: SourceCatalog['settings'];
}

/** Where scratch databases are made: a server of ours, or the one a URL leads to. */
export type ScratchPlace = { kind: 'embedded' } | { kind: 'url'; url: string };

const safe = 'Nothing was written.';

/**
 * Makes an empty scratch database like the source's: same major, encoding and, where the machine has it, locale.
 *
 * @throws ConfigError when the place is the source itself, is not empty, is of another major, or may not make databases
 */
export async function openScratch(place: ScratchPlace, source: SourceDescription): Promise<Scratch> {
  if (place.kind === 'embedded') {
    const server = await startEmbeddedPostgres({ major: source.serverMajor });
    try {
      const made = await makeDatabase({ url: server.url, label: 'scratch' }, source);
      return {
        ...{ kind: 'embedded', serverMajor: made.serverMajor },
        ...{ target: made.target, source, settings: made.settings },
        [Symbol.asyncDispose]: server.stop,
      };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }
  const given = { url: place.url, label: 'scratch' };
  await refuseUnsuitable(given, source);
  const made = await makeDatabase(given, source);
  return {
    ...{ kind: 'url', serverMajor: made.serverMajor },
    ...{ target: made.target, source, settings: made.settings },
    [Symbol.asyncDispose]: made.drop,
  };
}

async function refuseUnsuitable(given: ConnectionTarget, source: SourceDescription) {
  const { client, parameters } = await connect(given);
  try {
    const settings = await readSettings(client);
    const isSource =
      settings.databaseName === source.databaseName &&
      settings.systemIdentifier !== null &&
      settings.systemIdentifier === source.systemIdentifier;
    if (isSource)
      throw refused(
        `The scratch database is the source itself. ${safe}`,
        'Give the URL of an empty database on a server made for tests.',
      );
    const objects = await countUserObjects(client);
    if (objects > 0) {
      throw refused(
        `The scratch database ${settings.databaseName} is not empty: it holds ${objects} tables, functions or other objects. ${safe}`,
        'Give the URL of an empty database; tests are made in a new one beside it.',
      );
    }
    const major = serverMajor(parameters);
    const isTooOld = major < source.serverMajor;
    // Inferred tables are plain, and every later server writes their rows in the same way.
    if (source.kind === 'crm-api' ? isTooOld : major !== source.serverMajor) {
      throw refused(
        `The scratch server is PostgreSQL ${major}, the backup is of ${source.serverMajor}; content can only be proved on the same major. ${safe}`,
        `Give a PostgreSQL ${source.serverMajor}.`,
      );
    }
  } finally {
    await disconnect(client);
  }
}

function refused(message: string, hint: string): ConfigError {
  return new ConfigError(message, { hint, publicReason: 'the scratch database is not suitable' });
}

const scratchPrefix = 'holdfast_scratch_';

/** Makes a database of its own on the server, so that the one given stays as it is and all can be dropped at the end. */
async function makeDatabase(given: ConnectionTarget, source: SourceDescription) {
  const name = `${scratchPrefix}${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`;
  const { client, parameters } = await connect(given);
  const isSuperuser = parameters.get('is_superuser') === 'on';
  const rolesBefore = await roles(client);
  try {
    await dropAbandoned(client);
    await createLike(client, name, source).catch((error) => {
      throw explainCreation(error);
    });
  } finally {
    await disconnect(client);
  }
  const drop = async () => {
    const { client } = await connect(given);
    try {
      await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
      const made = (await placeholderRoles(client)).filter((role) => !rolesBefore.includes(role));
      // A role that meanwhile owns something elsewhere stays.
      for (const role of made) await client.query(`DROP ROLE ${quoteIdentifier(role)}`).catch(() => {});
    } finally {
      await disconnect(client);
    }
  };
  const url = withDatabase(given.url, name);
  const target = {
    url: isSuperuser && source.serverMajor >= 17 ? withoutEventTriggers(url) : url,
    label: 'scratch',
  };
  try {
    return { target, serverMajor: serverMajor(parameters), settings: await settingsOf(target), drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/**
 * A login trigger of the source's would write into scratch, or lock us out of it; a guard against DDL would stop the rebuilding.
 * The parameter came with 17, and is for superusers, who alone make such triggers.
 */
function withoutEventTriggers(url: string): string {
  const queryAt = url.indexOf('?');
  const parameters = new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt + 1));
  parameters.set('options', `${parameters.get('options') ?? ''} -c event_triggers=off`.trim());
  return `${queryAt < 0 ? url : url.slice(0, queryAt)}?${parameters}`;
}

async function settingsOf(target: ConnectionTarget) {
  const { client } = await connect(target);
  try {
    return await readSettings(client);
  } finally {
    await disconnect(client);
  }
}

async function roles(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
  return rows.map((row) => row.rolname);
}

/** Roles such as a restore makes them: without login, and members of nothing. Somebody's new login is never one. */
async function placeholderRoles(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>(`
    SELECT rolname FROM pg_roles r WHERE NOT rolcanlogin AND NOT rolsuper AND NOT rolcreatedb AND NOT rolcreaterole
    AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE r.oid IN (m.roleid, m.member))`);
  return rows.map((row) => row.rolname);
}

/** No restore test takes this long; a scratch database as old as this belongs to a run that was killed. */
const abandonedAfterSeconds = 12 * 3600;

/** Scratch databases of runs that were killed: ours by name, and old. */
async function dropAbandoned(client: pg.ClientBase) {
  const { rows } = await client.query<{ datname: string }>(`
    SELECT datname FROM pg_database d WHERE datname LIKE ${quoteLiteral(`${scratchPrefix.replaceAll('_', '\\_')}%`)}
    AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
    AND extract(epoch FROM now()) - split_part(datname, '_', 3)::numeric > ${abandonedAfterSeconds}`);
  for (const { datname } of rows)
    await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(datname)}`).catch(() => {});
}

function explainCreation(error: { code?: string }): unknown {
  if (error.code !== '42501') return error;
  return refused(
    `The scratch role may not create databases. ${safe}`,
    'ALTER ROLE the scratch role CREATEDB; tests are made in a database of their own, which is dropped at the end.',
  );
}
