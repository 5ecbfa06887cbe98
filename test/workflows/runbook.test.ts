import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blocksOf, filledIn } from '../support/runbook/blocks.ts';
import { openRunbookPlace, type RunbookPlace } from '../support/runbook/place.ts';
import { run, stopServers } from '../support/servers.ts';
import { missingTools } from '../support/tools.ts';

/**
 * Each section of the runbook, typed as it stands into the trouble that it is for. Only lines that say so are filled in; what
 * needs GitHub is held against the workflows by test/contract/runbook.test.ts.
 */

const missing = missingTools('the runbook', 'age', 'bash', 'npm', 'psql', 'script', 'tar', 'zstd');
const blocks = blocksOf('docs/runbook.md');
const sections = [...new Set(blocks.map(({ section }) => section))].filter(Boolean);
afterAll(stopServers);

interface Trouble {
  /** Brings the trouble about; gives what the section asks to be filled in, beside what always is. */
  happen?(place: RunbookPlace, id: string): Promise<Record<string, string> | undefined>;
  /** Exit codes other than 0, by the beginning of the block. */
  exits?: Record<string, number>;
  /** What must be so in the end. */
  mended?(place: RunbookPlace, id: string): Promise<void>;
}

const rows = (url: string) => run(url, 'SELECT count(*)::int AS count FROM enquiries');
const archiveOf = (place: RunbookPlace, store: string, id: string) =>
  join(place.folder, store, 'crm', id, 'archive.tar.age');
const stateOf = async (place: RunbookPlace) =>
  JSON.parse(await place.must('npm run -s holdfast -- status --json')).health.state;
const whole = [{ count: 500 }];

const troubles: Record<string, Trouble> = {
  'Data is lost or wrong': {
    happen: async ({ url }) => void (await run(url, 'DELETE FROM enquiries WHERE id > 10')),
    mended: async ({ url, folder }) => {
      expect(await rows(url)).toEqual(whole);
      expect(await readdir(folder)).not.toContain('rows');
    },
  },
  'Backups are missing': {
    happen: async ({ folder }) => {
      await rm(join(folder, 'offsite'), { recursive: true });
      return { STORE_NAME: 'offsite' };
    },
    mended: async ({ folder }, id) => expect(await readdir(join(folder, 'offsite/crm'))).toContain(id),
  },
  'A backup fails': {
    happen: async ({ must }) =>
      void (await must('npm run -s holdfast -- restore-test --identity-file "$IDENTITY"')),
    mended: async (place) => expect(await stateOf(place)).toBe('good'),
  },
  'A restore fails': {
    happen: async ({ urlOf }) => ({ NEW_TARGET: urlOf('restored') }),
    mended: async ({ urlOf }) => expect(await rows(urlOf('restored'))).toEqual(whole),
  },
  'A restore test or a verification fails': {
    happen: async (place, id) => {
      await writeFile(archiveOf(place, 'offsite', id), 'damaged');
      return { STORE_NAME: 'offsite', SCRATCH: place.urlOf('scratch') };
    },
    exits: { 'export ID': 4 },
    mended: async (place) => expect(await stateOf(place)).toBe('good'),
  },
  'A backup is unusual': {
    happen: async ({ url, must }) => {
      for (let count = 0; count < 3; count += 1) await must('npm run -s holdfast -- backup');
      await run(url, 'DELETE FROM enquiries');
      await must('npm run -s holdfast -- backup');
      return {};
    },
    mended: async (place) => expect(await stateOf(place)).not.toBe('critical'),
  },
  'The identity is lost': { mended: onlyNewIdentity },
  'The identity was stolen': { mended: onlyNewIdentity },
  'The ledger is lost or damaged': {
    happen: async ({ folder }) => {
      const [month] = await readdir(join(folder, 'ledger'));
      await writeFile(join(folder, 'ledger', month!), '{"not": "a record"}\n');
      return {};
    },
    mended: async (place) => expect(await stateOf(place)).toBe('good'),
  },
  'Nothing vouches for an archive': {
    happen: async ({ folder, url, must }) => {
      await rm(join(folder, 'ledger'), { recursive: true });
      await must('npm run -s holdfast -- ledger rebuild');
      await run(url, 'DELETE FROM enquiries WHERE id > 10');
      return {};
    },
    mended: async ({ url }) => expect(await rows(url)).toEqual(whole),
  },
  'GitHub is down': {
    mended: async (place) => {
      expect(await place.must('npm run -s holdfast -- list')).toContain('github-is-down');
      expect(await stateOf(place)).not.toBe('critical');
    },
  },
  'The repository was deleted': {
    happen: async ({ folder }) => {
      await rm(join(folder, 'ledger'), { recursive: true });
      await rm(join(folder, 'holdfast.yml'));
      return { STORE: join(folder, 'disk') };
    },
    mended: async (place) => expect(await stateOf(place)).toBe('good'),
  },
  'Holdfast itself is out of reach': {
    happen: async (place, id) => ({ ARCHIVE: archiveOf(place, 'disk', id), BY_HAND: place.urlOf('by_hand') }),
    mended: async ({ urlOf }) => expect(await rows(urlOf('by_hand'))).toEqual(whole),
  },
};

async function onlyNewIdentity(place: RunbookPlace) {
  const all = 'npm run -s holdfast -- verify --all --identity-file';
  await place.must(`${all} holdfast-identity-new.txt`);
  expect((await place.type(`${all} holdfast-identity.txt`)).code).toBe(2);
}

test('there is a trouble for each section that has commands', () => {
  expect(Object.keys(troubles)).toEqual(sections);
});

test.skipIf(missing.length > 0).for(sections)('%s', async (section) => {
  await using place = await openRunbookPlace();
  const { happen, exits = {}, mended } = troubles[section]!;
  const always = { IDENTITY: 'holdfast-identity.txt', DATABASE_URL: place.url, TARGET: place.url };
  for (const each of blocks.filter((block) => block.section === '')) await place.must(filledIn(each, always));
  await place.must('npm run -s holdfast -- backup');
  const { backups } = JSON.parse(await place.must('npm run -s holdfast -- list --json'));
  const { id } = backups[0];
  const values = { ...always, ID: id, ...(await happen?.(place, id)) };
  for (const each of blocks.filter((block) => block.section === section && !block.needsGitHub)) {
    const asks = / restore .*--mode replace/.test(each.text) && !/--plan|--confirm/.test(each.text);
    const answers = asks ? ['RESTORE', new URL(place.url).pathname.slice(1)] : undefined;
    const { code, output } = await place.type(filledIn(each, values), answers);
    const [expected = 0] = Object.entries(exits).flatMap(([start, exit]) =>
      each.text.startsWith(start) ? exit : [],
    );
    expect(code, `line ${each.line}:\n${each.text}\n\n${output}`).toBe(expected);
  }
  await mended?.(place, id);
});

/** The guides are typed from their first line to their last, in a folder with nothing in it but the commands. */
test.skipIf(missing.length > 0)('docs/keys.md: the ceremony, and a rotation', async () => {
  await using place = await openRunbookPlace();
  await rm(join(place.folder, 'holdfast-identity.txt'));
  const elsewhere = join(place.folder, 'elsewhere');
  await mkdir(elsewhere);
  const values = { DATABASE_URL: place.url, ELSEWHERE: elsewhere };
  for (const each of blocksOf('docs/keys.md').filter((block) => !block.needsGitHub))
    await place.must(`{ ${filledIn(each, values)}\n}`);
  const { backups } = JSON.parse(await place.must('npm run -s holdfast -- list --json'));
  expect(backups).toHaveLength(2);
  const spare = `${elsewhere}/holdfast-identity-spare.txt`;
  await place.must(`npm run -s holdfast -- verify --all --identity-file ${spare}`);
});

test.skipIf(missing.length > 0)('docs/upgrade.md', async () => {
  await using place = await openRunbookPlace();
  await place.must(`export DATABASE_URL='${place.url}' IDENTITY=holdfast-identity.txt`);
  for (const each of blocksOf('docs/upgrade.md').filter((block) => !block.needsGitHub))
    await place.must(`{ ${each.text}\n}`);
  expect(await stateOf(place)).toBe('good');
});
