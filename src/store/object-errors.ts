import { StoreError } from '../lib/errors.ts';

/** What every kind of store says of a key that is taken or empty. */

export function alreadyHeld(storeName: string, key: string) {
  return new StoreError(`Store ${storeName} already holds ${key}; nothing is ever overwritten.`, {
    publicReason: 'the store already holds this backup',
  });
}

export function noSuchObject(storeName: string, key: string) {
  return new StoreError(`Store ${storeName} has no ${key}.`, {
    hint: 'The receipt or the ledger names it, but the object is gone: use another copy or an earlier backup.',
    publicReason: 'a copy is missing from its store',
  });
}

export function tooLarge(storeName: string) {
  return new StoreError(`Store ${storeName} can't hold so large an object.`, {
    hint: 'Nothing was left there, and earlier backups are untouched. Add a store without that limit.',
    publicReason: 'the archive is larger than a store can hold',
  });
}
