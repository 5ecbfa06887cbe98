import pg from 'pg';
import type { SourceDescription } from '../archive/tables.ts';
import { ConfigError, IntegrityError } from '../lib/errors.ts';

/**
 * Where scratch orders text in another way than the source, it can't always tell whether a backup is sound: a row that
 * belongs into one partition there belongs into another one here. Then there is no verdict, and never a bad one.
 */

/** What decides how a database orders text and changes its case. */
export type TextSettings = Pick<SourceDescription, 'collate' | 'ctype' | 'locale'>;

/**
 * @throws ConfigError when the source has partitions whose bounds are ordered in a way that scratch does not know; the
 *         restore test is not run then
 */
export function refuseIncomparable(source: SourceDescription, scratch: TextSettings): void {
  const partitioned = source.partitionsByText ?? [];
  if (partitioned.length === 0 || isSameOrder(source, scratch)) return;
  const [first, more] = [partitioned[0], partitioned.length - 1];
  const others = more > 0 ? ` and ${more} other${more === 1 ? '' : 's'}` : '';
  throw notComparable(source, scratch, `the partitions of ${first}${others} are bounded by text`);
}

/**
 * What a failure means that may come of another order or version of it: a row that fits no partition, a constraint
 * that does not hold, a key that is not unique.
 *
 * @returns a ConfigError for such a failure in such a scratch; anything else unchanged
 */
export function blameTextOrder(error: unknown, source: SourceDescription, scratch: TextSettings): unknown {
  if (!(error instanceof IntegrityError) || !(error.cause instanceof pg.DatabaseError)) return error;
  const dependsOnOrder = ['23514', '23505', '23P01'].includes(error.cause.code ?? '');
  if (!dependsOnOrder || isSameVersion(source, scratch)) return error;
  return notComparable(source, scratch, `a row was refused that may depend on it (${error.cause.message})`);
}

/** As `blameTextOrder`, for generated columns that came out otherwise: `lower()` and the like follow the locale. */
export function refuseGeneratedElsewhere(
  source: SourceDescription,
  scratch: TextSettings,
  tables: readonly string[],
): void {
  if (tables.length === 0 || isSameVersion(source, scratch)) return;
  throw notComparable(
    source,
    scratch,
    `generated columns of ${tables[0]} were computed to other values, which may depend on it`,
  );
}

function isSameOrder(source: TextSettings, scratch: TextSettings): boolean {
  const [one, other] = [source, scratch].map(orderOf);
  return one === other;
}

/** The same order by the same version of its library; a version that is not known counts as the same. */
function isSameVersion(source: TextSettings, scratch: TextSettings): boolean {
  const [one, other] = [source.locale?.version ?? null, scratch.locale?.version ?? null];
  return isSameOrder(source, scratch) && (one === null || other === null || one === other);
}

function orderOf({ collate, ctype, locale }: TextSettings): string {
  // ICU and the built-in provider hardly ask for LC_COLLATE. Archives from before locales were noted are taken for libc's.
  if (!locale || locale.provider === 'libc') return `libc ${collate}, ${ctype}`;
  return `${locale.provider} ${locale.locale}${locale.rules ? ` with rules ${locale.rules}` : ''}`;
}

function notComparable(source: TextSettings, scratch: TextSettings, why: string): ConfigError {
  const tell = (settings: TextSettings) =>
    `${orderOf(settings)}${settings.locale?.version ? ` version ${settings.locale.version}` : ''}`;
  return new ConfigError(
    `Scratch is not comparable: it orders text by ${tell(scratch)}, the source by ${tell(source)}, and ${why}. ` +
      'The restore test was not run to its end, and says nothing about the backup.',
    {
      hint: 'Give the URL of a server that has the source’s locale with --scratch ENV_OR_URL, or install that locale on this machine.',
      publicReason: 'the scratch server orders text in another way than the source',
    },
  );
}
