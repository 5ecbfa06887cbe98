import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { unquote } from '../source/postgres/fingerprint/privileges.ts';

/** What a backup's fingerprint says of things that a restore may find in the target and leave standing. */
export interface BackupFacts {
  /** Schemas that no extension brought, by name. */
  schemas: Map<string, OwnedFacts>;
  /** By name. */
  extensions: Map<string, { schema: string; comment: string | null }>;
  /** By OID. */
  largeObjects: Map<number, OwnedFacts>;
}

/** The three things an object can differ in without being another one. */
export interface OwnedFacts {
  owner: string;
  /** As `privilegeChanges` tells them. */
  privileges: readonly string[];
  comment: string | null;
}

export function factsOf({ entries }: Fingerprint): BackupFacts {
  const facts: BackupFacts = { schemas: new Map(), extensions: new Map(), largeObjects: new Map() };
  const comments = new Map<string, string>();
  for (const { key, attributes } of entries) {
    if (key.startsWith('pg_description|'))
      comments.set(key.slice('pg_description|'.length), attributes['description'] as string);
  }
  for (const { key, attributes } of entries) {
    const found = /^(pg_namespace|pg_extension|pg_largeobject_metadata)\|(?!built-in )(.*)$/s.exec(key);
    if (!found || attributes['extension'] !== undefined) continue;
    const [, catalog, identity = ''] = found;
    const name = unquote(identity);
    const comment = comments.get(`${catalog} ${identity}`) ?? null;
    if (catalog === 'pg_extension') {
      facts.extensions.set(name, { schema: unquote(attributes['extnamespace'] as string), comment });
      continue;
    }
    const [owner, privileges] =
      catalog === 'pg_namespace'
        ? [attributes['nspowner'], attributes['nspacl']]
        : [attributes['lomowner'], attributes['lomacl']];
    const owned: OwnedFacts = {
      owner: unquote(owner as string),
      privileges: (privileges as string[] | undefined) ?? [],
      comment,
    };
    if (catalog === 'pg_namespace') facts.schemas.set(name, owned);
    else facts.largeObjects.set(Number(name), owned);
  }
  return facts;
}

export function isSameState(one: OwnedFacts | undefined, other: OwnedFacts | undefined): boolean {
  if (!one || !other) return false;
  return (
    one.owner === other.owner &&
    one.comment === other.comment &&
    one.privileges.join('\n') === other.privileges.join('\n')
  );
}
