import type pg from 'pg';

/** Everything that changes how the server writes a definition as text. */
const canonicalSettings: Readonly<Record<string, string>> = {
  // pg_temp is searched first unless it is named: a temporary table could hide another.
  search_path: 'pg_catalog, pg_temp',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  xmlbinary: 'base64',
  // Compiling sixty one-off queries takes longer than running them.
  jit: 'off',
};

/**
 * Runs `work` with the settings above and puts the caller's back, whether it succeeds or not. Works in a read-only
 * transaction and on a standby; nothing that `work` writes stays.
 *
 * @throws what `work` throws; PostgreSQL's 25P01 when the caller has no transaction open
 */
export async function withCanonicalSettings<Result>(
  client: pg.ClientBase,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('savepoint holdfast_settings');
  const putBack = () =>
    client.query('rollback to savepoint holdfast_settings; release savepoint holdfast_settings');
  let result: Result;
  try {
    const settings = Object.entries(canonicalSettings);
    await client.query(settings.map(([name, value]) => `set local ${name} to ${literal(value)}`).join(';'));
    result = await work();
  } catch (error) {
    // On a lost connection this fails too, and the first error is the one that tells.
    await putBack().catch(() => {});
    throw error;
  }
  await putBack();
  return result;
}

function literal(value: string): string {
  return value
    .split(', ')
    .map((part) => `'${part}'`)
    .join(', ');
}
