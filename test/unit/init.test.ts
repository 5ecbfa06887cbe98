import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answers, checkAnswers } from '../../src/init/answers.ts';
import { holdfastYml, runsOnGithub } from '../../src/init/holdfast-yml.ts';
import { nextSteps } from '../../src/init/next-steps.ts';
import { refuseInWorkTree, workTreeOf } from '../../src/init/work-tree.ts';
import { load } from '../support/config-file.ts';

const answers = (changes: Partial<Answers> = {}): Answers =>
  checkAnswers({
    ...{ database: 'crm', source: 'postgres', appUrl: null, stores: ['artifact'], bucket: null },
    ...{ region: 'us-east-1', endpoint: null, folder: null, heartbeat: false, webhook: false, pages: true },
    ...{ siteUrl: null, postgresMajor: null, holdfast: `acme/holdfast@${'a'.repeat(40)}` },
    ...changes,
  });
const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const written = (changes: Partial<Answers> = {}) => load(holdfastYml(answers(changes), [recipient])).config;

describe('holdfast.yml as init writes it', () => {
  const s3: Partial<Answers> = {
    bucket: 'crm: "odd" #name',
    region: 'eu-central-1',
    endpoint: 'https://s3.example.com',
  };

  test('is a valid configuration for every choice', () => {
    for (const source of ['postgres', 'crm-api'] as const)
      for (const stores of [['artifact'], ['s3'], ['directory'], ['artifact', 's3', 'directory']] as const)
        for (const isFull of [false, true]) {
          const config = written({
            ...{
              source,
              stores: [...stores],
              ...s3,
              appUrl: 'https://crm.example.com/a',
              folder: '/mnt/my backups',
            },
            ...{ heartbeat: isFull, webhook: isFull, siteUrl: isFull ? 'https://acme.example/crm/' : null },
          });
          expect(Object.values(config.stores).map(({ type }) => type)).toEqual(stores);
          expect(config.databases['crm']).toMatchObject({ source });
          expect(config.encryption).toEqual({ recipients: [recipient] });
          expect(Boolean(config.alerts['heartbeat-url'])).toBe(isFull);
          expect(config.publish['site-url']).toBe(isFull ? 'https://acme.example/crm/' : undefined);
          expect(config.ledger.type).toBe(
            stores.length === 1 && stores[0] === 'directory' ? 'directory' : 'github',
          );
        }
  });

  test('keeps odd values as they are', () => {
    expect(written({ stores: ['s3'], ...s3 }).stores['bucket']).toMatchObject({ bucket: 'crm: "odd" #name' });
  });
});

describe('answers', () => {
  test.each<[Partial<Answers> | object, string]>([
    [{ database: 'My CRM' }, '--database'],
    [{ source: 'mysql' }, '--source'],
    [{ source: 'crm-api' }, '--app-url'],
    [{ stores: ['s3'] }, '--bucket'],
    [{ stores: ['directory'] }, '--folder'],
    [{ stores: ['tape'] }, '--store'],
    [{ stores: [] }, '--store'],
    [{ holdfast: 'acme/holdfast@v1' }, '--holdfast-ref'],
    [{ postgresMajor: 170 }, '--postgres-major'],
    [{ siteUrl: 'javascript:alert(1)' }, '--site-url'],
  ])('%j is refused by the name of its option', (changes, option) => {
    expect(() => answers(changes as Partial<Answers>)).toThrow(
      new RegExp(`^${option} is not right: .*Nothing was written`),
    );
  });
});

describe('what is left to do', () => {
  test('names each secret that the configuration refers to, and no value', () => {
    const all = answers({
      stores: ['s3'],
      bucket: 'b',
      heartbeat: true,
      webhook: true,
      postgresMajor: 15,
      pages: false,
    });
    const { commands } = nextSteps(all, "/home/ada/it's mine.txt");
    const text = commands.join('\n');
    const names = [
      'DATABASE_URL',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
      'HEARTBEAT_URL',
      'WEBHOOK_URL',
    ];
    for (const name of names) expect(text).toContain(name);
    const referenced = [
      ...holdfastYml(all, [recipient])
        .replaceAll(/^#.*/gm, '')
        .matchAll(/\$\{([A-Z0-9_]+)\}/g),
    ].map(([, name]) => name);
    expect(new Set(referenced)).toEqual(new Set(names));
    expect(text).toContain(`--env holdfast-proof < '/home/ada/it'\\''s mine.txt'`);
    expect(text).toContain('HOLDFAST_POSTGRES_MAJOR --body 15');
    expect(text).toContain('HOLDFAST_PAGES --body off');
  });

  test('is another thing on a machine of one’s own', () => {
    const own = answers({ stores: ['directory'], folder: 'backups', holdfast: null });
    expect(runsOnGithub(own)).toBe(false);
    expect(nextSteps(own, null).commands.join()).not.toContain('gh ');
  });
});

describe('a place for the identity', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-init-'));
    mkdirSync(join(folder, 'repository/.git'), { recursive: true });
    mkdirSync(join(folder, 'elsewhere'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const inside = (path: string) => join(folder, path);

  test('is outside of every work tree, also of one behind a link, also when it is not there yet', () => {
    symlinkSync(inside('repository'), inside('elsewhere/link'));
    writeFileSync(inside('elsewhere/.gitignore'), '');
    expect(workTreeOf(inside('elsewhere/identity.txt'))).toBeNull();
    for (const path of [
      'repository/identity.txt',
      'repository/a/b/identity.txt',
      'elsewhere/link/new/identity.txt',
    ])
      expect(() => refuseInWorkTree(inside(path)), path).toThrow(/git work tree.*Nothing was written/);
  });

  test('is not in a worktree or submodule either, whose .git is a file', () => {
    writeFileSync(inside('elsewhere/.git'), 'gitdir: ../repository/.git/worktrees/elsewhere\n');
    expect(() => refuseInWorkTree(inside('elsewhere/identity.txt'))).toThrow('git work tree');
  });
});
