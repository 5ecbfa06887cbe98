import type { Random } from '../../../src/demo/random.ts';
import type { SimulatedDatabase } from './workload.ts';

/** What goes wrong. Each spoils a copy of the database, as it is when the backup of the day is taken. */
export const accidents: Record<string, (database: SimulatedDatabase, random: Random) => void> = {
  'a table truncated': (database, random) => {
    const tables = database.tables.filter((table) => table.rows >= 100 && !table.isQueue);
    tables[random.below(tables.length)]!.rows = 0;
  },
  'a table dropped': (database, random) => {
    const tables = database.tables.filter((table) => table.rows >= 100 && !table.isQueue);
    const lost = tables[random.below(tables.length)]!;
    database.tables = database.tables.filter((table) => table !== lost);
    database.schemaVersion += 1;
  },
  'half of all rows lost': (database) => {
    for (const table of database.tables) table.rows = Math.floor(table.rows / 2);
  },
  'six tenths of one of the main tables lost': (database, random) => {
    const main = ['customers', 'enquiries', 'notes', 'documents'];
    const name = main[random.below(main.length)]!;
    const table = database.tables.find((each) => each.name === name)!;
    table.rows = Math.floor(table.rows * 0.4);
  },
  'a fifth of all rows lost': (database) => {
    for (const table of database.tables) table.rows = Math.floor(table.rows * 0.8);
  },
  'a tenth of all rows lost': (database) => {
    for (const table of database.tables) table.rows = Math.floor(table.rows * 0.9);
  },
  'text in another encoding (16 bits)': (database) => {
    for (const table of database.tables) table.bytesPerRow *= 1.9;
    database.storedRatio *= 0.75;
  },
  'text encoded twice (every tenth letter)': (database) => {
    for (const table of database.tables) table.bytesPerRow *= 1.1;
  },
  'contents encrypted in place': (database) => {
    for (const table of database.tables) table.bytesPerRow *= 1.35;
    database.storedRatio = 0.78;
  },
  'all tables empty': (database) => {
    for (const table of database.tables) table.rows = 0;
  },
  'no tables': (database) => {
    database.tables = [];
    database.schemaVersion += 1;
  },
};
