import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { fillCrm } from '../../src/demo/crm.ts';
import { config } from '../support/cli.ts';
import { openScene } from '../support/faults/scene.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { missingTools } from '../support/tools.ts';

/** A change of keys as the guide has it, on the command line, with a real database before and after. */

const missing = missingTools('age opens what was encrypted again', 'age', 'tar');
afterAll(stopServers);

test('back up, change the keys, restore with the new identity; the old one opens nothing any more', async () => {
  const url = await newDatabase(18);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await fillCrm(client, { seed: 3, enquiries: 300, now: new Date('2026-11-01T00:00:00Z') });
  await client.end();
  await using scene = await openScene(url);
  const { cli, place, env } = scene;
  const holdfast = async (...args: string[]) => {
    const result = await cli.holdfast(args, env);
    expect(result.code, result.stderr).toBe(0);
    return result.stdout;
  };
  const old = await place.backup(url);
  const identity = await generateX25519Identity();
  const newFile = join(cli.folder, 'new.txt');
  await writeFile(newFile, `${identity}\n`);
  await cli.configure(config(await identityToRecipient(identity)));

  expect(await holdfast('rekey')).toContain('Nothing was changed');
  const told = JSON.parse(await holdfast('rekey', '--apply', '--new-identity-file', newFile, '--json'));
  const [{ rekeyed, removed }] = told.databases;
  expect(rekeyed).toMatchObject([{ from: old.id, stores: ['disk'] }]);
  expect(removed).toEqual([{ store: 'disk', id: old.id }]);
  const { id } = rekeyed[0];
  expect(await holdfast('list')).toContain(id);
  expect(await holdfast('rekey', '--apply')).toContain('no backups encrypted again');

  const target = await newDatabase(18);
  env['TARGET'] = target;
  const restore = [
    'restore',
    id,
    '--to',
    'TARGET',
    '--mode',
    'new',
    '--confirm',
    'RESTORE',
    '--identity-file',
  ];
  const refused = await cli.holdfast([...restore, cli.identityFile], env);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('identity')]);
  await holdfast(...restore, newFile);
  const content = 'SELECT count(*), md5(string_agg(e::text, chr(10) ORDER BY e.id)) FROM enquiries e';
  expect(await run(target, content)).toEqual(await run(url, content));
  await holdfast('restore-test', id, '--identity-file', newFile);

  if (missing.length > 0) return;
  const archive = join(cli.folder, 'store', 'crm', id, 'archive.tar.age');
  const names = execFileSync(
    'bash',
    ['-euo', 'pipefail', '-c', 'age -d -i "$0" "$1" | tar t', newFile, archive],
    {
      encoding: 'utf8',
    },
  );
  expect(names.split('\n')).toEqual(expect.arrayContaining(['README.txt', 'restore.sh', 'manifest.json']));
  expect(() => execFileSync('age', ['-d', '-i', cli.identityFile, archive], { stdio: 'pipe' })).toThrow();
});
