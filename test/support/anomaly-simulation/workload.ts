import type { Random } from '../../../src/demo/random.ts';

/** Years of a made-up CRM's database, a backup a day: how its tables grow, and what its owners do to it on purpose. */

export interface SimulatedTable {
  name: string;
  rows: number;
  bytesPerRow: number;
  /** Rows added on a day. */
  added(day: number, random: Random): number;
  /** Rows older than so many days are deleted: what was added on each of them. Null: kept for ever. */
  keepsDays: number | null;
  recent: number[];
  /** Emptied now and then by the application itself. */
  isQueue: boolean;
}

export interface SimulatedDatabase {
  tables: SimulatedTable[];
  /** What zstd leaves of the COPY text. */
  storedRatio: number;
  schemaVersion: number;
}

export const workloads = ['steady', 'weekly season', 'bursts', 'yearly clean-up', 'migrations'] as const;
export type Workload = (typeof workloads)[number];

/** A database of some age: a few thousand to a few hundred thousand rows. */
export function newDatabase(workload: Workload, random: Random): SimulatedDatabase {
  const size = 10 ** (3 + 2.3 * random.fraction());
  const weekend = workload === 'weekly season' ? 0.1 : 0.6;
  const daily = (perDay: number) => (day: number) => {
    const season = day % 7 >= 5 ? weekend : 1.2;
    return Math.round(perDay * season * (0.6 + 0.8 * random.fraction()));
  };
  const none = () => 0;
  const table = (
    name: string,
    rows: number,
    bytesPerRow: number,
    added: SimulatedTable['added'],
    keepsDays: number | null = null,
    isQueue = false,
  ): SimulatedTable => {
    const spread = 0.7 + 0.6 * random.fraction();
    return {
      name,
      rows: Math.round(rows),
      bytesPerRow: bytesPerRow * spread,
      added,
      keepsDays,
      recent: [],
      isQueue,
    };
  };
  const tables = [
    table('customers', size, 220, daily(size / 900)),
    table('enquiries', 2 * size, 410, daily(size / 400)),
    table('notes', 4 * size, 180, daily(size / 250)),
    table('documents', size / 4, 5200, daily(size / 3000)),
    table('invoices', size / 2, 300, daily(size / 1500)),
    table('countries', 249, 60, none),
    table('settings', 140, 90, none),
    table('staff', 12 + 40 * random.fraction(), 150, none),
    table('audit_log', 0, 240, daily(size / 60), 90),
    table('sessions', 0, 130, daily(size / 40), 7),
    table('mail_queue', 0, 900, daily(size / 300), 1, true),
    table('import_staging', 0, 350, none, 1, true),
  ];
  const database: SimulatedDatabase = {
    tables,
    storedRatio: 0.2 + 0.2 * random.fraction(),
    schemaVersion: 1,
  };
  // What is kept for some days is full from the start.
  for (let day = -100; day < 0; day += 1) liveOneDay(database, day, random);
  return database;
}

/** A day of ordinary use, and of the workload's own events. */
export function liveOneDay(
  database: SimulatedDatabase,
  day: number,
  random: Random,
  workload?: Workload,
): void {
  for (const table of database.tables) {
    const added = table.added(day, random);
    if (table.keepsDays === null) table.rows += added;
    else {
      table.recent = [...table.recent, added].slice(-table.keepsDays);
      table.rows = table.recent.reduce((sum, rows) => sum + rows, 0);
    }
  }
  if (workload === 'bursts' && random.fraction() < 6 / 365) importCustomers(database, random);
  if (workload === 'yearly clean-up' && day % 365 === 200) cleanUp(database, random);
  if (workload === 'migrations' && random.fraction() < 10 / 365) migrate(database, random);
}

function find(database: SimulatedDatabase, name: string): SimulatedTable {
  return database.tables.find((table) => table.name.startsWith(name))!;
}

/** A list is bought, or a campaign runs: a tenth to a third more customers in a day. */
function importCustomers(database: SimulatedDatabase, random: Random) {
  const customers = find(database, 'customers');
  const more = Math.round(customers.rows * (0.1 + 0.25 * random.fraction()));
  customers.rows += more;
  find(database, 'notes').rows += more;
  find(database, 'import_staging').recent = [more];
  find(database, 'import_staging').rows = more;
}

/** What is older than some years goes. */
function cleanUp(database: SimulatedDatabase, random: Random) {
  const share = 0.08 + 0.2 * random.fraction();
  for (const name of ['enquiries', 'notes', 'documents']) {
    const table = find(database, name);
    table.rows = Math.round(table.rows * (1 - share));
  }
}

/** Columns come, a table comes, or a table gets another name. */
function migrate(database: SimulatedDatabase, random: Random) {
  database.schemaVersion += 1;
  const kind = random.fraction();
  if (kind < 0.7) {
    const table = database.tables[random.below(database.tables.length)]!;
    table.bytesPerRow *= 1.02 + 0.15 * random.fraction();
  } else if (kind < 0.9) {
    const rows = Math.round(200 * random.fraction());
    const bytesPerRow = 120;
    const name = `new_${database.schemaVersion}`;
    database.tables.push({
      name,
      rows,
      bytesPerRow,
      added: () => 2,
      keepsDays: null,
      recent: [],
      isQueue: false,
    });
  } else {
    const table = find(database, 'invoices');
    table.name = `invoices_v${database.schemaVersion}`;
  }
}
