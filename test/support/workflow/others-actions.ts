import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Permissions } from '../github/route.ts';
import type { Host } from './host.ts';

/**
 * Stand-ins for the actions of others: what ours rely on, from their documentation. Each asks for the permission that
 * the real one needs, and what it uploads is an artifact of the run beside ours.
 */

export interface OtherAction {
  inputs: Record<string, string>;
  workspace: string;
  runId: number;
  permissions: Permissions;
  host: Host;
}

type Play = (step: OtherAction) => Promise<Record<string, string>>;

const pageAddress = { origin: 'https://acme.github.io', path: '/backups' };

const plays: Record<string, Play> = {
  'actions/checkout': async ({ inputs, workspace, permissions, host }) => {
    const repository = host.github.repository;
    const own = `${repository.owner}/${repository.name}`;
    const wanted = inputs['repository'] || own;
    if (wanted === own && repository.visibility !== 'public') demand(permissions, 'contents', 'read');
    if (wanted !== own && wanted !== host.workflowRepository) throw new Error(`There is no ${wanted}.`);
    for (const [path, text] of Object.entries(wanted === own ? host.files : {})) {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), text);
    }
    return {};
  },

  'actions/setup-node': async ({ inputs }) => ({ 'node-version': inputs['node-version'] ?? '' }),

  'actions/upload-artifact': async (step) => {
    const { inputs, workspace } = step;
    const path = join(workspace, inputs['path']!);
    if (!existsSync(path) || (await stat(path)).size === 0)
      throw new Error(`No files were found with the provided path: ${inputs['path']}.`);
    await upload(step, inputs['name']!, { [basename(path)]: await readFile(path, 'utf8') });
    return {};
  },

  'actions/download-artifact': async (step) => {
    const { inputs, workspace } = step;
    const folder = join(workspace, inputs['path'] ?? '.');
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(await download(step, inputs['name']!)))
      await writeFile(join(folder, name), text);
    return {};
  },

  'actions/configure-pages': async ({ permissions }) => {
    demand(permissions, 'pages', 'read');
    const { origin, path } = pageAddress;
    return { origin, base_path: path, base_url: `${origin}${path}` };
  },

  'actions/upload-pages-artifact': async (step) => {
    const folder = join(step.workspace, step.inputs['path']!);
    const names = await readdir(folder);
    const files = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
    await upload(step, 'github-pages', Object.fromEntries(await Promise.all(files)));
    return {};
  },

  'actions/deploy-pages': async (step) => {
    demand(step.permissions, 'pages', 'write');
    demand(step.permissions, 'id-token', 'write');
    step.host.page = await download(step, 'github-pages');
    return { page_url: `${pageAddress.origin}${pageAddress.path}/` };
  },
};

/**
 * Does what a pinned action of somebody else would.
 *
 * @param uses such as `actions/checkout@<sha>`
 * @returns its outputs
 * @throws Error when it would fail
 */
export function playOtherAction(uses: string, step: OtherAction): Promise<Record<string, string>> {
  const play = plays[uses.split('@')[0]!];
  if (!play) throw new Error(`${uses} is not played here.`);
  return play(step);
}

function demand(permissions: Permissions, scope: string, level: 'read' | 'write') {
  const granted = permissions[scope];
  if (granted !== 'write' && granted !== level)
    throw new Error(`Resource not accessible by integration: it needs ${scope}: ${level}.`);
}

async function upload({ host, runId }: OtherAction, name: string, files: Record<string, string>) {
  const isTaken = host.github.repository.artifacts.some((each) => each.runId === runId && each.name === name);
  if (isTaken) throw new Error(`an artifact with the name ${name} already exists on the workflow run`);
  await host.service.plant(Buffer.from(JSON.stringify(files)), { name, runId });
}

async function download({ host, runId }: OtherAction, name: string): Promise<Record<string, string>> {
  const found = host.github.repository.artifacts.find((each) => each.runId === runId && each.name === name);
  if (!found) throw new Error(`Artifact not found for name: ${name}`);
  return JSON.parse(String(await host.service.bytesOf(found)));
}
