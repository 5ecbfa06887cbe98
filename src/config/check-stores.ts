import { invalid, safe } from './invalid.ts';
import type { Config } from './schema.ts';
import type { StoreConfig } from './stores.ts';
import { nearest } from './suggest.ts';

/** @throws ConfigError when a database names a store that there is not */
export function refuseUnknownStores({ databases, stores }: Config): void {
  const names = Object.keys(stores);
  for (const [name, database] of Object.entries(databases)) {
    const unknown = database.stores?.find((store) => !Object.hasOwn(stores, store));
    if (unknown === undefined) continue;
    const near = nearest(unknown, names);
    throw invalid(
      `databases.${name}.stores: there is no store ${JSON.stringify(unknown)}. ${safe}`,
      near ? `Did you mean "${near}"?` : `There are: ${names.join(', ')}.`,
    );
  }
}

/**
 * Two names for one place would count one copy as two. Two databases may each have a name of their own for it, as for
 * another retention: their backups lie in folders of their own.
 *
 * @param config with absolute paths
 * @throws ConfigError naming two stores of one database that are the same place
 */
export function refuseSamePlace({ databases, stores }: Config): void {
  for (const [name, database] of Object.entries(databases)) {
    const taken = new Map<string, string>();
    for (const store of new Set(database.stores ?? Object.keys(stores))) {
      const place = placeOf(stores[store]!);
      const other = taken.get(place);
      if (other !== undefined)
        throw invalid(
          `stores.${other} and stores.${store} are the same place: one copy of ${name} would count as two. ${safe}`,
          'Give one of them a place of its own, on another disk or at another provider, or remove it.',
        );
      taken.set(place, store);
    }
  }
}

/** The same text for the same place. A link to a folder or a second name of a server is not seen through. */
function placeOf(store: StoreConfig): string {
  if (store.type === 'directory') return JSON.stringify([store.type, store.path]);
  // Of one repository, and named by the backup's id.
  if (store.type === 'artifact') return store.type;
  const { type, endpoint, bucket, prefix } = store;
  // At one endpoint a bucket has one region, however it is reached.
  return JSON.stringify([
    type,
    endpoint ? new URL(endpoint).href.replace(/\/+$/, '') : null,
    bucket,
    prefix ?? null,
  ]);
}
