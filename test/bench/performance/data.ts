import pg from 'pg';
import { activityColumns, activityRows } from '../../../src/demo/activity-rows.ts';
import { copyRows } from '../../../src/demo/copy-rows.ts';
import { fillCrm } from '../../../src/demo/crm.ts';
import { Random } from '../../../src/demo/random.ts';
import { timelineUntil } from '../../../src/demo/timeline.ts';
import type { Bench } from './bench.ts';

const seed = 1;
const now = new Date('2026-11-22T00:00:00Z');

/** The databases, the same rows each time. */
export async function fillDatabases(
  bench: Bench,
  sizes: { enquiries: number; tables: number; huge: number },
): Promise<void> {
  await fill(bench, 'crm', (client) => fillCrm(client, { seed, enquiries: sizes.enquiries, now }));
  await fill(bench, 'tenth', (client) =>
    fillCrm(client, { seed, enquiries: Math.round(sizes.enquiries / 10), now }),
  );
  await fill(bench, 'many', (client) => fillMany(client, sizes.tables));
  await fill(bench, 'hundred', (client) => fillMany(client, 100));
  await fill(bench, 'huge', (client) => fillHuge(client, Math.round(900_000 * sizes.huge)));
}

async function fill(bench: Bench, name: string, rows: (client: pg.Client) => Promise<unknown>) {
  await bench.createDatabase(name);
  const client = new pg.Client({ connectionString: bench.urlOf(name) });
  await client.connect();
  try {
    await rows(client);
    // Hint bits are written now and not by whoever reads first.
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

/** Small tables, no two with the same rows. */
async function fillMany(client: pg.Client, tables: number) {
  const names = Array.from({ length: tables }, (_, index) => `small_${index}`);
  for (let from = 0; from < tables; from += 100) {
    const statements = names.slice(from, from + 100).map(
      (
        name,
      ) => `CREATE TABLE ${name} (id int PRIMARY KEY, name text NOT NULL, amount numeric, at timestamptz);
        INSERT INTO ${name} SELECT i, md5('${name} ' || i), i * 1.25, timestamptz '2026-01-01' + i * interval '1 minute'
        FROM generate_series(1, 100) i;`,
    );
    await client.query(statements.join('\n'));
  }
}

/** One table of narrow rows, some ten to an enquiry. */
async function fillHuge(client: pg.Client, enquiries: number) {
  await client.query(`CREATE TABLE activity (id bigint, enquiry_id int, staff_id int, kind text, detail text, changes jsonb,
    ip inet, created_at timestamptz)`);
  const rows = activityRows(new Random(seed, 'huge'), {
    enquiries,
    staff: 100,
    timeline: timelineUntil(now, enquiries),
  });
  await copyRows(client, `activity (${activityColumns})`, rows, { freeze: false });
  await client.query('ALTER TABLE activity ADD PRIMARY KEY (id)');
}
