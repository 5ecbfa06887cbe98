import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'rolldown';
import { licencesOf } from './licences.ts';

/**
 * Bundles the actions into actions/dist: an entry for each, one chunk that they share, and what is loaded at run time. It is
 * committed, because a nightly run must not depend on a registry; unminified, because people should be able to read
 * what gets their secrets. A test builds it again, with `--dir` elsewhere, and fails on a difference.
 */

const root = join(import.meta.dirname, '../..');
const committed = join(root, 'actions/dist');
const verbs = readdirSync(join(root, 'actions')).filter((name) =>
  existsSync(join(root, 'actions', name, 'action.yml')),
);
const pgDump = dirname(fileURLToPath(import.meta.resolve('@electric-sql/pglite-tools/pg_dump')));

const entries: Record<string, string> = {
  ...Object.fromEntries(verbs.map((verb) => [verb, join(root, `src/actions/${verb}.ts`)])),
  'pg-dump-worker': join(root, 'src/source/postgres/pg-dump-worker.ts'),
  'artifact-worker': join(root, 'src/store/artifact-worker.ts'),
};

const pgDumpPlace: [from: string, to: string] = [
  "import.meta.resolve('@electric-sql/pglite-tools/pg_dump')",
  "new URL('./pglite-tools/pg_dump.js', import.meta.url).href",
];

/** Source runs as it is; what it finds beside itself lies elsewhere in a bundle. Each must be found, or the build fails. */
const relocations: Record<string, [from: string, to: string][]> = {
  'store/artifact-client.ts': [['./artifact-worker.ts', './artifact-worker.js']],
  'source/postgres/pg-dump.ts': [['./pg-dump-worker.ts', './pg-dump-worker.js'], pgDumpPlace],
  'source/postgres/pg-dump-worker.ts': [pgDumpPlace],
};

function relocate(): Plugin {
  const seen = new Set<string>();
  return {
    name: 'relocate',
    transform(code, id) {
      const file = Object.keys(relocations).find((name) => id.endsWith(`/src/${name}`));
      if (!file) return null;
      seen.add(file);
      return relocations[file]!.reduce((text, [from, to]) => {
        if (!text.includes(from)) throw new Error(`${file} no longer holds ${from}`);
        return text.replaceAll(from, to);
      }, code);
    },
    buildEnd() {
      for (const file of Object.keys(relocations))
        if (!seen.has(file)) throw new Error(`${file} is no longer part of the bundle`);
    },
  };
}

function carryFiles(): Plugin {
  return {
    name: 'carry-files',
    // Only what this program itself has made.
    renderStart({ dir }) {
      if (dir === committed) rmSync(committed, { recursive: true, force: true });
    },
    writeBundle({ dir }, bundle) {
      const dist = dir!;
      mkdirSync(join(dist, 'pglite-tools'), { recursive: true });
      const entry = readFileSync(join(pgDump, 'pg_dump.js'), 'utf8');
      const chunk = /from"\.\/(chunk-[A-Z0-9]+\.js)"/.exec(entry)![1]!;
      for (const name of ['pg_dump.js', 'pg_dump.wasm', chunk])
        copyFileSync(join(pgDump, name), join(dist, 'pglite-tools', name));
      cpSync(join(root, 'src/archive/restore.sh'), join(dist, 'restore.sh'));
      writeFileSync(join(dist, 'package.json'), '{ "type": "module" }\n');
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
      writeFileSync(join(dist, 'licences.txt'), licencesOf([...modules, join(pgDump, 'pg_dump.js')], root));
    },
  };
}

export default defineConfig({
  input: entries,
  platform: 'node',
  plugins: [relocate(), carryFiles()],
  output: {
    dir: committed,
    format: 'esm',
    minifyInternalExports: false,
    minify: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    // All but the entries themselves, which do something when they are loaded.
    codeSplitting: {
      groups: [
        {
          name: 'shared',
          test: (id) => !Object.values(entries).includes(id) && !id.endsWith('/pg-dump-greeting.ts'),
        },
      ],
    },
  },
});
