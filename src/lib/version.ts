import manifest from '../../package.json' with { type: 'json' };

/** The program's version. Imported and not read from a file, so that a bundle carries it. */
export const version: string = manifest.version;
