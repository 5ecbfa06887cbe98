import { readFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { restoreTest } from '../../src/restore-test.ts';
import { verify } from '../../src/verify.ts';
import { openWorkplace } from '../support/workplace.ts';

/**
 * Archives written by the first version of the format. They are never regenerated: every later version must read them,
 * because the backups of users are as old as these.
 */
const golden = fileURLToPath(new URL('../fixtures/archive-v1', import.meta.url));
const identities = [readFileSync(join(golden, 'identity.txt'), 'utf8').split('\n')[1]!];

describe.each(['encrypted', 'plain'])('the golden archive, %s', (kind) => {
  test('is readable and restores', async () => {
    await using place = await openWorkplace();
    const receipt = JSON.parse(readFileSync(join(golden, kind, 'receipt.json'), 'utf8'));
    const folder = join(place.folder, 'store', 'crm', receipt.id);
    await mkdir(folder, { recursive: true });
    await cp(join(golden, kind), folder, { recursive: true });
    const options = { database: 'crm', id: receipt.id, identities };
    expect((await verify(place.deps, { ...options, all: false })).checked[0]!.rung).toBe('readable');
    const { comparison } = await restoreTest(place.deps, {
      ...options,
      scratch: { kind: 'embedded' },
      // The ledger here has never heard of it.
      trustArchive: true,
    });
    expect(comparison).toMatchObject({
      tables: 4,
      rows: 15_005,
      contentRoot: { actual: receipt.contentRoot },
      // When it was made, nothing was said of a large object with such a number.
      schema: {
        verdict: 'explained',
        differences: [
          { key: 'pg_largeobject_metadata|5000', explanation: expect.stringContaining('not described') },
        ],
      },
    });
  });
});
