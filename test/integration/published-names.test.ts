import { afterAll, expect, test } from 'vitest';
import { policySchema } from '../../src/health/policy.ts';
import { silent } from '../../src/lib/progress.ts';
import { status } from '../../src/status.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** Names of tables, from a database to the page's document: only where both backup and page were told to publish them. */

afterAll(stopServers);

test.each([
  [true, 'tables', true],
  [true, 'none', false],
  [false, 'tables', false],
] as const)('publishNames %s, details %s: shown %s', async (publishNames, details, shown) => {
  const url = await newDatabase(17);
  await run(url, 'CREATE TABLE poison_patients AS SELECT i AS id FROM generate_series(1, 250) i');
  const place = await openWorkplace();
  await place.backup(url, { publishNames });
  const ledger = JSON.stringify(await place.deps.ledger.read());
  expect(ledger.includes('poison_patients')).toBe(publishNames);
  const composed = await status(
    { ledger: place.deps.ledger, now: Date.now, progress: silent },
    { databases: ['crm'], policy: policySchema.parse({}), outDir: null, site: false, details },
  );
  const [made] = composed.databases[0]!.backups;
  expect(JSON.stringify(composed).includes('poison_patients')).toBe(shown);
  if (shown)
    expect(made!.namedTables).toEqual({ tables: [{ name: 'public.poison_patients', rows: 250 }], more: 0 });
});
