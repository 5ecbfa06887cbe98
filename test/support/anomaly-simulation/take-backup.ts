import type { Random } from '../../../src/demo/random.ts';
import type { Measured } from '../../../src/health/anomaly/history.ts';
import type { SimulatedDatabase } from './workload.ts';

const dayMs = 86_400_000;
const firstDay = Date.parse('2020-01-01T02:00:00.000Z');

/** The numbers of a backup as `backup` measures them; sizes scatter a little, durations much, as on GitHub's runners. */
export function takeBackup(database: SimulatedDatabase, day: number, random: Random): Measured {
  const { tables, storedRatio, schemaVersion } = database;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const rawBytes = Math.round(tables.reduce((sum, table) => sum + table.rows * table.bytesPerRow, 0));
  const sizeBytes = Math.round(40_000 + rawBytes * storedRatio * (0.99 + 0.02 * random.fraction()));
  const snapshotAt = new Date(firstDay + day * dayMs).toISOString();
  const slow = random.fraction() < 0.03 ? 4 : 1;
  return {
    id: `crm-${snapshotAt.replace(/[-:]|\.\d+/g, '')}-aaaa`,
    snapshotAt,
    kind: 'postgres encrypted format 1',
    sizeBytes,
    rawBytes,
    rows,
    tables: tables.length,
    emptyTables: tables.filter((table) => table.rows === 0).length,
    durationMs: Math.round((20_000 + rawBytes / 20_000) * slow * (0.7 + 0.9 * random.fraction())),
    fingerprint: `sha256:${String(schemaVersion).padStart(64, '0')}`,
    pseudonymKey: '00000000',
    tableRows: Object.fromEntries(tables.map((table) => [table.name, table.rows])),
    schemaParts: { tables: { count: tables.length, digest: null } },
  };
}

/** What of it is in the ledger later: tables of a hundred rows and more. */
export function published(backup: Measured): Measured {
  const large = Object.entries(backup.tableRows ?? {}).filter(([, rows]) => rows >= 100);
  return { ...backup, tableRows: backup.tableRows && Object.fromEntries(large) };
}
