import type pg from 'pg';
import type { SourceDescription } from '../archive/tables.ts';
import { quoteIdentifier, quoteLiteral } from '../lib/sql.ts';

/** A server's words for a locale it does not have, or not in this encoding. */
const lacksLocale = /locale|collat|LC_|ICU/i;

/**
 * Makes an empty database that orders text as the source does, or as nearly as this server can.
 *
 * @throws PostgreSQL's own error when it is about anything but the locale
 */
export async function createLike(
  client: pg.ClientBase,
  name: string,
  source: SourceDescription,
): Promise<void> {
  const create = `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0 ENCODING ${quoteLiteral(source.encoding)}`;
  const attempts = locales(source);
  for (const [index, locale] of attempts.entries()) {
    try {
      await client.query(`${create} ${locale}`);
      return;
    } catch (error) {
      if (index === attempts.length - 1 || !lacksLocale.test((error as Error).message)) throw error;
    }
  }
}

/** Clauses from the source's own locale down to what every server has. */
function locales(source: SourceDescription): string[] {
  const ofLibrary = (collate: string, ctype: string) =>
    `LC_COLLATE ${quoteLiteral(collate)} LC_CTYPE ${quoteLiteral(ctype)}`;
  const own = ofLibrary(source.collate, source.ctype);
  const plain = source.encoding === 'UTF8' ? ['C.UTF-8', 'C'] : ['C'];
  const all = [own, ...plain.map((name) => ofLibrary(name, name))];
  const provider = providerClause(source);
  if (provider === null) return all;
  // Provider and locale decide how text is ordered; LC_COLLATE beside them hardly matters.
  return [...all.map((library) => `${provider} ${library}`), ...all.map((library) => libraryOnly(library))];
}

function libraryOnly(library: string): string {
  return `LOCALE_PROVIDER libc ${library}`;
}

function providerClause({ locale }: SourceDescription): string | null {
  if (!locale?.locale || locale.provider === 'libc') return null;
  const name = quoteLiteral(locale.locale);
  if (locale.provider === 'builtin') return `LOCALE_PROVIDER builtin BUILTIN_LOCALE ${name}`;
  const rules = locale.rules === null ? '' : ` ICU_RULES ${quoteLiteral(locale.rules)}`;
  return `LOCALE_PROVIDER icu ICU_LOCALE ${name}${rules}`;
}
