import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences of the packages whose code is in a bundle, as their authors ask for it to be passed on. */

/**
 * @param modules paths of the bundled files
 * @param root the checkout; only its node_modules count
 */
export function licencesOf(modules: readonly string[], root: string): string {
  const packages = new Map<string, string>();
  for (const module of modules) {
    const folder = packageOf(module.replace(/^\0/, '').split('?')[0]!, root);
    if (!folder) continue;
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    packages.set(`${name}@${version}`, textOf(folder) ?? `Licence: ${license ?? 'not stated'}`);
  }
  const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, text]) => `${name}\n${'-'.repeat(name.length)}\n${text.trim()}\n`).join('\n\n');
}

/** The package's own folder: some carry further manifests inside, which name it but lie far from its licence. */
function packageOf(module: string, root: string): string | null {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module) ?? [];
  return folder?.startsWith(join(root, 'node_modules')) ? folder : null;
}

function textOf(folder: string): string | null {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  if (files.length === 0) return null;
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n'))
    .join('\n');
}
