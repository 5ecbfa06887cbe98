import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliFolder, type CliResult, openCliFolder } from '../support/cli.ts';
import { apiKey, type FakeCrm, json, startFakeCrm } from '../support/fake-crm.ts';
import { type Listener, startListener } from '../support/listener.ts';
import { everyFile, secretsIn, watchCommandLines } from '../support/marked-secrets.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';

/**
 * Marked secrets in every place, every verb, and things that go wrong; then all that was written anywhere is looked
 * through: both outputs, ledger, stores, status, temporary files, and the command line of every process meanwhile.
 */

let place: CliFolder;
let s3: S3Server;
let crm: FakeCrm;
let listener: Listener;
let env: Record<string, string>;
let secrets: Record<string, string>;
let watch: ReturnType<typeof watchCommandLines>;
const outputs: { args: string[]; result: CliResult }[] = [];

beforeAll(async () => {
  const identity = await generateX25519Identity();
  secrets = {
    'the password': 'M4rked:pass/w%rd+1',
    'a wrong password': 'M4rked-wrong-pass',
    'the S3 key': 'M4rked/s3+secret=key',
    'the heartbeat token': 'M4rked-heartbeat-token',
    'the webhook token': 'M4rked-webhook-token',
    'the API key': apiKey,
    'a wrong API key': 'M4rked-wrong-api-key',
    'the identity': identity,
    'the token of GitHub': 'ghp_M4rkedGithubToken',
  };
  [place, s3, crm, listener] = await Promise.all([
    openCliFolder(),
    startS3Server(),
    startFakeCrm(),
    startListener(),
  ]);
  s3.account.secretAccessKey = secrets['the S3 key']!;
  const ownerUrl = await newDatabase(18);
  await run(ownerUrl, 'CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
  const host = await server(18);
  const password = secrets['the password']!;
  await run(host.url, `CREATE ROLE marked SUPERUSER LOGIN PASSWORD '${password}'`);
  const login = (url: string, secret: string) => {
    const changed = new URL(url);
    changed.username = 'marked';
    changed.password = encodeURIComponent(secret);
    return changed.href;
  };
  const temporary = join(place.folder, 'tmp');
  await mkdir(temporary);
  // As root, the embedded server runs as somebody else, who must get there.
  await chmod(place.folder, 0o711);
  await chmod(temporary, 0o777);
  env = {
    DATABASE_URL: login(ownerUrl, password),
    WRONG_URL: login(ownerUrl, secrets['a wrong password']!),
    NOWHERE_URL: `postgres://marked:${encodeURIComponent(password)}@no-such-host.invalid/crm`,
    TARGET_URL: login(await newDatabase(18), password),
    S3_KEY_ID: 'AKIAEXAMPLE',
    S3_SECRET: secrets['the S3 key']!,
    HEARTBEAT_URL: `${listener.url}/ping/${secrets['the heartbeat token']}`,
    WEBHOOK_URL: `${listener.url}/hook/${secrets['the webhook token']}`,
    CRM_API_KEY: apiKey,
    HOLDFAST_IDENTITY: identity,
    GH_TOKEN: secrets['the token of GitHub']!,
    TMPDIR: temporary,
  };
  await place.configure(`databases:
  crm: { url: "\${DATABASE_URL}" }
  app: { source: crm-api, app-url: "${crm.server.url}", api-key: "\${CRM_API_KEY}" }
stores:
  disk: { type: directory, path: store }
  cloud: { type: s3, bucket: backups, endpoint: "${s3.endpoint}", path-style: true, access-key-id: "\${S3_KEY_ID}", secret-access-key: "\${S3_SECRET}" }
encryption: { recipients: [${await identityToRecipient(identity)}] }
ledger: { type: directory, path: ledger }
alerts: { heartbeat-url: "\${HEARTBEAT_URL}", webhook-url: "\${WEBHOOK_URL}" }
`);
  watch = watchCommandLines(secrets);
}, 120_000);
afterAll(async () => {
  await Promise.all([s3.close(), crm[Symbol.asyncDispose](), listener.close()]);
  await place[Symbol.asyncDispose]();
  await stopServers();
});

/** Runs a verb, keeps what it said, and expects one of these exit codes. */
async function holdfast(
  args: string[],
  codes = [0],
  changes: Record<string, string> = {},
): Promise<CliResult> {
  const result = await place.holdfast(args, { ...env, ...changes });
  outputs.push({ args, result });
  expect(codes, `${args.join(' ')}\n${result.stderr}`).toContain(result.code);
  return result;
}

const wrong = [2, 3, 4];

test('no secret is written anywhere, whatever is done and whatever fails', async () => {
  const taken = await holdfast(['backup', '--json']);
  const id: string = JSON.parse(taken.stdout).backups[0].id;
  await holdfast(['list']);
  await holdfast(['show', id]);
  await holdfast(['verify', id]);
  await holdfast(['restore-test', id]);
  await holdfast(['restore', id, '--to', 'TARGET_URL', '--mode', 'new', '--plan']);
  await holdfast(['restore', id, '--to', 'TARGET_URL', '--mode', 'new', '--confirm', 'RESTORE']);
  await holdfast(['export', id, '--out', 'out.json', '--all']);
  await holdfast(['status', '--out', 'public', '--alert'], [0, 4]);
  await holdfast(['status', '--out', 'site', '--site'], [0, 4]);
  await holdfast(['hold', id, '--reason', 'looked at']);
  await holdfast(['copy', id, '--to', 'cloud']);
  await holdfast(['prune', '--apply', '--json'], [0, 2]);
  await holdfast(['review']);
  await holdfast(['doctor', '--json'], [0, 2, 3, 4]);

  // What fails before anything is read.
  await holdfast(['backup', '--database', 'crm'], wrong, { DATABASE_URL: env['WRONG_URL']! });
  await holdfast(['backup', '--database', 'crm'], wrong, { DATABASE_URL: env['NOWHERE_URL']! });
  await holdfast(['backup', '--database', 'crm'], wrong, { DATABASE_URL: `mysql${env['DATABASE_URL']}` });
  await holdfast(['restore', id, '--to', 'NOWHERE_URL', '--mode', 'new', '--plan'], wrong);
  await holdfast(['verify', id], wrong, { HOLDFAST_IDENTITY: `${secrets['the identity']}X` });
  await holdfast(['doctor'], [0, 2, 3, 4], {
    DATABASE_URL: env['WRONG_URL']!,
    CRM_API_KEY: secrets['a wrong API key']!,
  });

  // The CRM repeats what it was sent; nothing of that is passed on.
  crm.onPatch = (response) => json(response, 401, { error: `bad key ${secrets['a wrong API key']}` });
  await holdfast(['backup', '--database', 'app'], wrong, { CRM_API_KEY: secrets['a wrong API key']! });
  s3.denied.add('s3:GetObject').add('s3:PutObject').add('s3:ListBucket');
  await holdfast(['verify', id], wrong);
  await holdfast(['backup', '--database', 'crm'], [0]);

  const archive = join(place.folder, 'store/crm', id, 'archive.tar.age');
  await truncate(archive, (await readFile(archive)).length - 40);
  await holdfast(['verify', id], wrong);
  await holdfast(['restore', id, '--to', 'TARGET_URL', '--mode', 'replace', '--confirm', 'RESTORE'], wrong);
  const [month] = (await place.files()).filter((name) => /^ledger\/.*ndjson$/.test(name));
  await writeFile(
    join(place.folder, month!),
    `${await readFile(join(place.folder, month!), 'utf8')}{"half":`,
  );
  await holdfast(['status', '--json'], [0, 4, 3]);
  await holdfast(['verify', id], wrong);

  const { looks, found } = await watch.stop();
  expect(found).toEqual([]);
  expect(looks).toBeGreaterThan(20);

  for (const { args, result } of outputs) {
    expect(secretsIn(result.stdout + result.stderr, secrets), args.join(' ')).toEqual([]);
    expect(result.stderr, args.join(' ')).not.toMatch(/^\s+at .*\.ts:\d+/m);
  }
  const files = await everyFile(place.folder);
  expect(files.map(({ name }) => name.slice(place.folder.length + 1))).toEqual(
    expect.arrayContaining(['public/status.json', 'out.json', 'site/index.html', 'site/status.json']),
  );
  for (const { name, text } of files.filter(({ name }) => !name.endsWith('/identity.txt')))
    expect(secretsIn(text, secrets), name).toEqual([]);
  // What went over the wire to the store: signatures, and never the key they are made with.
  expect(secretsIn(JSON.stringify(s3.requests), secrets)).toEqual([]);
  expect(secretsIn(listener.received.map(({ body }) => body).join('\n'), secrets)).toEqual([]);
  expect(listener.received.length).toBeGreaterThan(2);
}, 300_000);

/** Begins a verb, waits until it connects, and does something to it. */
async function meanwhile(
  args: string[],
  changes: Record<string, string>,
  act: (child: { kill(signal: NodeJS.Signals): boolean }) => unknown,
): Promise<CliResult> {
  const { child, ended } = place.start(args, { ...env, ...changes });
  const result = ended.then((each) => {
    outputs.push({ args, result: each });
    return each;
  });
  await act(child);
  return result;
}

test('a process that dies writes no secret into the report that Node makes of it', async () => {
  const reports = join(place.folder, 'reports');
  await mkdir(reports);
  const reporting = [
    '--report-on-fatalerror',
    '--report-uncaught-exception',
    '--report-on-signal',
    `--report-directory=${reports}`,
  ].join(' ');
  // Memory for the start only; then it dies of want, in the middle of a backup and of its threads.
  await meanwhile(
    ['backup', '--database', 'crm'],
    { NODE_OPTIONS: `${reporting} --max-old-space-size=24` },
    () => {},
  );
  expect(await readdir(reports)).not.toEqual([]);
  const before = (await readdir(reports)).length;
  await meanwhile(['backup', '--database', 'crm'], { NODE_OPTIONS: reporting }, async (child) => {
    while ((await readdir(reports)).length === before) {
      await delay(200);
      child.kill('SIGUSR2');
    }
  });
  expect((await readdir(reports)).length).toBeGreaterThan(before);
  for (const { name, text } of await everyFile(reports)) {
    expect(text, name).toContain('"header"');
    expect(secretsIn(text, secrets), name).toEqual([]);
  }
}, 120_000);

const canMount = process.getuid?.() === 0;
if (!canMount) process.stderr.write('full-disk test skipped: only root may mount a small disk\n');
test.skipIf(!canMount)(
  'a full disk, for what is stored, noted and kept for a time, makes no verb tell a secret',
  async () => {
    await using full = await openCliFolder();
    const disk = join(full.folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=777', 'tmpfs', disk]);
    try {
      await writeFile(join(disk, 'filling'), Buffer.alloc(64 << 10)).catch(() => {});
      await full.configure(
        (await readFile(join(place.folder, 'holdfast.yml'), 'utf8'))
          .replace('path: store }', 'path: disk/store }')
          .replace('path: ledger }', 'path: disk/ledger }'),
      );
      s3.denied.clear();
      const said: CliResult[] = [];
      for (const args of [
        ['backup'],
        ['verify'],
        ['restore-test'],
        ['status', '--out', 'disk/public', '--alert'],
        ['export', '--out', 'disk/out.json', '--all'],
        ['hold', 'crm-20261122T020000Z-k7qa', '--reason', 'looked at'],
        ['doctor'],
      ])
        said.push(await full.holdfast(args, { ...env, TMPDIR: disk }));
      expect(said.map(({ code }) => code)).not.toContain(70);
      expect(said[0]!.code).toBeGreaterThan(0);
      for (const { stdout, stderr } of said) expect(secretsIn(stdout + stderr, secrets)).toEqual([]);
      for (const { name, text } of (await everyFile(full.folder)).filter(
        (each) => !each.name.endsWith('/identity.txt'),
      ))
        expect(secretsIn(text, secrets), name).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  },
  120_000,
);
