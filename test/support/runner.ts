import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/**
 * A runner of GitHub's actions, as far as a JavaScript action can tell: our reading of actions/runner. It reads action.yml,
 * fills in defaults, starts the committed bundle with the runner's variables and files, and reads back what it wrote.
 */

export interface ActionRun {
  exitCode: number | null;
  outputs: Record<string, string>;
  summary: string;
  /** Values that were registered as secrets. */
  masks: string[];
  annotations: { level: 'error' | 'warning' | 'notice'; title: string; message: string }[];
  /** All that was printed, with masked values blotted out as the runner does. */
  log: string;
  /** The same before that. */
  rawLog: string;
}

export interface ActionOptions {
  inputs?: Record<string, string>;
  env?: Record<string, string>;
  /** The event's name and payload. */
  event?: { name: string; payload?: unknown };
  /** GITHUB_WORKSPACE, where a checkout would be; a new empty folder unless given. */
  workspace?: string;
  /** The run is cancelled as soon as this is in its log. */
  cancelWhenSaid?: string;
}

const actions = fileURLToPath(new URL('../../actions/', import.meta.url));

/** @param name of a folder in actions/, or a path of a folder with an action.yml */
export async function runAction(name: string, options: ActionOptions = {}): Promise<ActionRun> {
  const folder = resolve(actions, name);
  const action = parse(await readFile(join(folder, 'action.yml'), 'utf8'));
  const home = await mkdtemp(join(tmpdir(), 'holdfast-runner-'));
  try {
    const files = await commandFiles(home);
    const eventPath = join(home, 'event.json');
    const { name: eventName, payload = {} } = options.event ?? { name: 'workflow_dispatch' };
    await writeFile(eventPath, JSON.stringify(payload));
    const workspace = options.workspace ?? join(home, 'workspace');
    await mkdir(workspace, { recursive: true });
    await mkdir(join(home, 'temp'));
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: 'ada',
      GITHUB_EVENT_NAME: eventName,
      GITHUB_EVENT_PATH: eventPath,
      GITHUB_REPOSITORY: 'example/crm',
      GITHUB_RUN_ID: '4711',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_WORKFLOW: 'Backup',
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: join(home, 'temp'),
      RUNNER_OS: 'Linux',
      ...files.env,
      ...inputsOf(action.inputs ?? {}, options.inputs ?? {}),
      ...options.env,
    };
    const main = resolve(folder, action.runs.main);
    const { exitCode, rawLog } = await start(main, workspace, env, options.cancelWhenSaid);
    return { exitCode, rawLog, ...(await files.read()), ...readCommands(rawLog) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Every declared input has a variable, upper-case with its hyphens; one that isn't declared is passed all the same. */
function inputsOf(declared: Record<string, { default?: unknown }>, given: Record<string, string>) {
  const values = Object.fromEntries(
    Object.entries(declared).map(([name, input]) => [name, String(input?.default ?? '')]),
  );
  const token = '${{ github.token }}';
  const all = Object.entries({ ...values, ...given });
  return Object.fromEntries(
    all.map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value === token ? '' : value,
    ]),
  );
}

async function commandFiles(home: string) {
  const env: Record<string, string> = {};
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY']) {
    env[name] = join(home, name);
    await writeFile(env[name], '');
  }
  return {
    env,
    async read() {
      const outputs = parseAssignments(await readFile(env['GITHUB_OUTPUT']!, 'utf8'));
      return { outputs, summary: await readFile(env['GITHUB_STEP_SUMMARY']!, 'utf8') };
    },
  };
}

/** `name<<delimiter`, lines, `delimiter`; or `name=value`. */
function parseAssignments(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift()!;
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (name && delimiter) {
      const value: string[] = [];
      while (lines.length > 0 && lines[0] !== delimiter) value.push(lines.shift()!);
      lines.shift();
      values[name] = value.join('\n');
    } else if (line.includes('=')) {
      values[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    }
  }
  return values;
}

function start(main: string, cwd: string, env: Record<string, string>, cancelWhenSaid: string | undefined) {
  return new Promise<{ exitCode: number | null; rawLog: string }>((done, reject) => {
    const child = spawn(process.execPath, [main], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let rawLog = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        rawLog += part;
        if (cancelWhenSaid && rawLog.includes(cancelWhenSaid)) child.kill('SIGINT');
      });
    child.once('error', reject);
    child.once('close', (exitCode) => {
      done({ exitCode, rawLog });
    });
  });
}

/** Workflow commands in the log, such as `::error title=…::message`. */
function readCommands(rawLog: string): Pick<ActionRun, 'masks' | 'annotations' | 'log'> {
  const masks: string[] = [];
  const annotations: ActionRun['annotations'] = [];
  const shown: string[] = [];
  for (const line of rawLog.split('\n')) {
    const [, command, properties = '', message = ''] = /^::([a-z-]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
    const text = unescaped(message);
    if (command === 'add-mask') {
      masks.push(text);
      continue;
    }
    if (command === 'error' || command === 'warning' || command === 'notice') {
      const title = /(?:^|,)title=([^,]*)/.exec(properties)?.[1] ?? '';
      annotations.push({ level: command, title: unescaped(title), message: text });
    }
    // Only what is masked before it is printed is safe, and so it is here.
    shown.push(masks.reduce((shownLine, mask) => shownLine.replaceAll(mask, '***'), line));
  }
  return { masks, annotations, log: shown.join('\n') };
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
