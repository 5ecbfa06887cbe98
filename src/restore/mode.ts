/** `new` into an empty database · `replace` all of it · `tables` only those named. */
export const restoreModes = ['new', 'replace', 'tables'] as const;
export type RestoreMode = (typeof restoreModes)[number];
