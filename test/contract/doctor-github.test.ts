import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkHeartbeats, checkWebhook } from '../../src/doctor/alerts.ts';
import { checkCrm } from '../../src/doctor/crm.ts';
import { examine, type Finding } from '../../src/doctor/finding.ts';
import { checkLedgerBranch } from '../../src/doctor/ledger.ts';
import { checkRepository, checkToken } from '../../src/doctor/repository.ts';
import { checkWorkflows } from '../../src/doctor/workflows.ts';
import { crmAddress } from '../../src/source/crm-api/address.ts';
import { placeOf } from '../support/alerts.ts';
import { load, minimal } from '../support/config-file.ts';
import type { FakeWorkflow } from '../support/github/repository.ts';
import { ok, type Permissions, type Route } from '../support/github/route.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { startListener } from '../support/listener.ts';
import { dayMs, hourMs, iso, noon } from '../support/status-fixture.ts';

let github: FakeGithub;
let lastCommitAt: number;
const commits: Route = {
  method: 'GET',
  path: '/commits',
  permission: 'contents: read',
  handle: () => ok([{ commit: { committer: { date: iso(lastCommitAt) } } }]),
};
beforeEach(async () => {
  lastCommitAt = noon - 3 * dayMs;
  github = await startGithubApi({}, [commits]);
});
afterEach(() => github.close());

const config = (extra = '') => load(minimal + extra).config;
const artifacts = 'stores:\n  artifacts: { type: artifact }\n';
const publicConfig = load(minimal.replace(/stores:[\s\S]*?(?=encryption)/, artifacts)).config;
const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);
const everything: Permissions = { actions: 'read', contents: 'write', issues: 'write' };

describe('the repository', () => {
  const look = (of = config(), now = () => Date.now()) => checkRepository(placeOf(github), of, now);

  test('that is private is well', async () => {
    const { findings, facts } = await look();
    expect(levels(findings)).toEqual(['ok', 'ok']);
    expect(facts).toEqual({ isPublic: false, defaultBranch: 'main' });
  });

  test('that is public must not get archives in clear as artifacts', async () => {
    github.repository.visibility = 'public';
    expect((await look(publicConfig)).findings[0]).toMatchObject({ level: 'problem' });
    expect((await look()).findings[0]).toMatchObject({ level: 'ok' });
    const tables = config('publish: { details: tables }\n');
    expect((await look(tables)).findings[0]).toMatchObject({ level: 'warning' });
  });

  test('that is archived, or not to be seen, is a problem', async () => {
    github.repository.isArchived = true;
    expect(levels((await look()).findings)).toContain('problem');
    const hidden = { ...placeOf(github), repo: 'another' };
    expect(await checkRepository(hidden, config(), Date.now)).toMatchObject({
      findings: [{ level: 'problem', text: expect.stringContaining('no such repository') }],
      facts: null,
    });
  });

  test('shows when our clock is wrong', async () => {
    const { findings } = await look(config(), () => Date.now() + 2 * hourMs);
    expect(findings.at(-1)).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('differ by 2 h'),
    });
  });
});

describe('the workflows', () => {
  const workflow = (file: string, state: FakeWorkflow['state'] = 'active') => ({
    ...{ id: github.repository.nextId(), name: file, path: `.github/workflows/${file}`, state },
  });
  const look = (isPublic = false) =>
    checkWorkflows(placeOf(github, everything), { isPublic, defaultBranch: 'main' }, noon);

  test('that are there and switched on are well', async () => {
    github.repository.workflows.push(
      workflow('holdfast-backup.yml'),
      workflow('verify.yml'),
      workflow('ci.yml'),
    );
    expect(await look()).toMatchObject([{ level: 'ok', text: 'All 2 scheduled ones are switched on.' }]);
  });

  test('that are missing are a problem', async () => {
    expect(await look()).toMatchObject([{ level: 'problem', text: expect.stringContaining('no workflow') }]);
  });

  test('that were switched off are named, with what switches them on', async () => {
    github.repository.workflows.push(
      workflow('backup.yml', 'disabled_inactivity'),
      workflow('status.yml', 'disabled_manually'),
      workflow('ci.yml', 'disabled_manually'),
    );
    expect(await look()).toMatchObject([
      { level: 'problem', advice: 'gh workflow enable backup.yml', text: expect.stringContaining('60 days') },
      { level: 'warning', advice: 'gh workflow enable status.yml' },
    ]);
  });

  test.each([
    [3, 'ok'],
    [44, 'ok'],
    [45, 'warning'],
    [80, 'warning'],
  ])('of a public repository whose last commit is %i days old are %s', async (days, level) => {
    github.repository.workflows.push(workflow('backup.yml'));
    lastCommitAt = noon - days * dayMs - hourMs;
    expect(levels(await look(true))).toEqual(['ok', level]);
  });

  test('cannot be seen without the permission, and that is said', async () => {
    const place = placeOf(github, { contents: 'read' });
    const look = () => checkWorkflows(place, { isPublic: false, defaultBranch: 'main' }, noon);
    expect(await examine([{ about: 'workflows', look }], () => {})).toMatchObject([
      { level: 'problem', text: expect.stringContaining('actions: read') },
    ]);
  });
});

describe('the token', () => {
  test('has to see artifacts and issues, where they are used', async () => {
    expect(levels(await checkToken(placeOf(github, everything), publicConfig))).toEqual(['ok']);
    expect(await checkToken(placeOf(github, { contents: 'write' }), publicConfig)).toMatchObject([
      { level: 'problem', text: expect.stringContaining('actions: read') },
      { level: 'problem', advice: expect.stringContaining('issues: ') },
    ]);
    const silent = config('alerts: { issue: false }\n');
    expect(await checkToken(placeOf(github, {}), silent)).toEqual([]);
  });
});

describe('the ledger on a branch', () => {
  const look = (permissions = everything) => checkLedgerBranch(placeOf(github, permissions), 'main');

  test('can be written, and is not for this', async () => {
    const before = new Map(github.repository.git.refs);
    expect(await look()).toMatchObject([{ level: 'ok' }]);
    expect(github.repository.git.refs).toEqual(before);
  });

  test('cannot without the permission, without a commit, and perhaps not when it is protected', async () => {
    expect(await look({ contents: 'read' })).toMatchObject([
      { level: 'problem', text: expect.stringContaining('contents: write') },
    ]);
    github.repository.git.protected.add('refs/heads/main');
    expect(await look()).toMatchObject([{ level: 'warning' }]);
    github.repository.git.refs.clear();
    expect(await look()).toMatchObject([{ level: 'problem', advice: 'Push a first commit.' }]);
  });
});

describe('alerts', () => {
  const heartbeat = config("alerts: { heartbeat-url: '${HEARTBEAT_URL}', webhook-url: '${WEBHOOK_URL}' }\n");
  const outside = { sleep: async () => {}, timeoutMs: 500 };

  test('a heartbeat is reached without changing its state; a dead one is a warning without its address', async () => {
    const service = await startListener();
    const look = () =>
      checkHeartbeats(heartbeat, ['crm'], { HEARTBEAT_URL: `${service.url}/5ecret` }, outside);
    expect(await look()).toMatchObject([{ level: 'ok' }]);
    expect(service.received).toMatchObject([{ path: '/5ecret/log' }]);
    service.answer = 'OK (not found)';
    expect(await look()).toMatchObject([
      { level: 'warning', text: expect.stringContaining('no such check') },
    ]);
    await service.close();
    const dead = await look();
    expect(levels(dead)).toEqual(['warning']);
    expect(JSON.stringify(dead)).not.toContain('5ecret');
  });

  test('none at all is a warning, one that all databases share too, one without its secret a problem', async () => {
    expect(await checkHeartbeats(config(), ['crm'], {}, outside)).toMatchObject([{ level: 'warning' }]);
    const service = await startListener();
    const two = { ...heartbeat, databases: { ...heartbeat.databases, shop: heartbeat.databases['crm']! } };
    const look = (HEARTBEAT_URL: string) => checkHeartbeats(two, ['crm', 'shop'], { HEARTBEAT_URL }, outside);
    expect(levels(await look(service.url))).toEqual(['ok', 'warning']);
    expect(levels(await look(`${service.url}/{database}`))).toEqual(['ok', 'ok']);
    await service.close();
    await expect(checkHeartbeats(heartbeat, ['crm'], {}, outside)).rejects.toThrow('HEARTBEAT_URL');
  });

  test('a webhook is told nothing, but its address is looked at', () => {
    expect(checkWebhook(config(), {})).toEqual([]);
    expect(checkWebhook(heartbeat, { WEBHOOK_URL: 'https://hooks.example.com/T0KEN' })).toMatchObject([
      { level: 'ok' },
    ]);
    const wrong = checkWebhook(heartbeat, { WEBHOOK_URL: 'T0KEN' });
    expect(levels(wrong)).toEqual(['problem']);
    expect(JSON.stringify(wrong)).not.toContain('T0KEN');
  });
});

describe('a CRM', () => {
  test.each([
    [200, 'ok'],
    [401, 'problem'],
    [404, 'problem'],
    [405, 'ok'],
    [302, 'problem'],
    [503, 'problem'],
  ])('that answers %i is %s', async (status, level) => {
    const crm = await startListener();
    crm.fault = () => (status === 200 ? null : { kind: 'status', status });
    const address = crmAddress({
      ...{ appUrl: crm.url, apiKey: 'the-key', backupPath: '/api/admin/backup' },
      ...{ downloadPath: 'off', timeoutMs: 1000 },
    });
    const options = { address, now: Date.now, signal: new AbortController().signal };
    const found = await checkCrm({ about: 'database crm', hasDatabase: true, ...options });
    expect(found[0]).toMatchObject({ level });
    expect(crm.requests).toEqual(['GET /api/admin/backup']);
    const alone = await checkCrm({ about: 'database crm', hasDatabase: false, ...options });
    expect(alone[1]).toMatchObject({ level: 'warning', text: expect.stringContaining('no download') });
    await crm.close();
  });
});
