import { statSync } from 'node:fs';
import { join } from 'node:path';
import { run as runSql } from '../../support/servers.ts';
import { type Bench, variable, type Way } from './bench.ts';
import { cpuOfServer, measure, type Run } from './measure.ts';

/** Somebody's way to do it. */
export interface Contender {
  name: string;
  run(): Promise<Run>;
  runs: Run[];
}

/** What is done by each in turn. */
export interface Scenario {
  name: string;
  prepare?(): Promise<void>;
  contenders: Contender[];
}

export const ours = 'holdfast';
const root = join(import.meta.dirname, '../../..');
const holdfast = `"${process.execPath}" "${join(root, 'src/cli/holdfast.mjs')}"`;

/** Reads its bundle, says what is missing and ends. */
const actionWithoutInputs = `"${process.execPath}" "${join(root, 'actions/dist/backup.js')}" >/dev/null || true`;

/** All that is measured, in the order in which it builds on each other. */
export function scenarios(bench: Bench): Scenario[] {
  const { programs, folder } = bench;
  const config = `--config "${join(folder, 'holdfast.yml')}"`;
  const identity = `--identity-file "${join(folder, 'identity.txt')}"`;
  const contender = (name: string, run: () => Promise<Run>): Contender => ({ name, run, runs: [] });
  const command = (name: string, text: string, out: string | null = null) =>
    contender(name, async () => {
      const run = await measure(text, bench);
      return { ...run, outBytes: out === null ? null : statSync(join(folder, out)).size };
    });
  const backup = (database: string, way: Way) =>
    contender(ours, async () => {
      bench.watched.firstRowsAt = null;
      const startedAt = performance.now();
      const run = await measure(`${holdfast} backup --database ${database}-${way} --json ${config}`, bench);
      const own = bench.watched.firstRowsAt ? { firstRow: bench.watched.firstRowsAt - startedAt } : {};
      const [made] = JSON.parse(run.stdout).backups;
      // Only a backup that reads back whole counts, and reading back is measured with it.
      const verified = await measure(`${holdfast} verify ${made.id} ${identity} --json ${config}`, bench);
      if (!/"rung": "readable"/.test(verified.stdout)) throw new Error(`${made.id} was not readable`);
      return { ...run, outBytes: made.receipt.archive.sizeBytes, own: { ...own, verify: verified.wallMs } };
    });
  const dumps = (database: string, way: Way): Contender[] => {
    const url = `"$${variable(database, way)}"`;
    const { pgDump15, pgDump17, zstd, age } = programs;
    const all: Contender[] = [];
    const to = (name: string) => `"${join(folder, name)}"`;
    if (pgDump15) all.push(command('pg_dump 15 -Fc', `${pgDump15} -Fc -f ${to('Fc')} ${url}`, 'Fc'));
    if (database === 'many') return all;
    if (pgDump15 && zstd) {
      const text = `${pgDump15} -Fc -Z0 ${url} | zstd -q -3 -T2 -f -o ${to('z3')}`;
      all.push(command('pg_dump 15 -Fc -Z0 | zstd -3 -T2', text, 'z3'));
    }
    if (pgDump17 && age) {
      const text = `${pgDump17} -Fc -Zzstd:1 ${url} | age -r ${bench.recipient} | tee ${to('aged')} | sha256sum`;
      all.push(command('pg_dump 17 -Fc -Zzstd:1 | age | sha256sum', text, 'aged'));
    }
    if (pgDump17)
      all.push(
        command(
          'pg_dump 17 -Fd -j2 -Zzstd:1',
          `rm -rf ${to('d')}; ${pgDump17} -Fd -j2 -Zzstd:1 -f ${to('d')} ${url}`,
        ),
      );
    if (way === 'local') all.push(contender('the server alone', () => serverAlone(bench, database)));
    return all;
  };
  const restores = (database: string, way: Way): Scenario => {
    const test = contender(ours, async () => {
      await bench.createDatabase('scratch');
      const run = await measure(
        `${holdfast} restore-test --database ${database}-local --scratch ${variable('scratch', way)} ${identity} --json ${config}`,
        bench,
      );
      const of = (name: string) => Number(new RegExp(`"${name}": (\\d+)`).exec(run.stdout)![1]);
      return { ...run, own: { restore: of('restoreDurationMs'), compare: of('compareDurationMs') } };
    });
    const peer = contender('pg_restore 15 -j2', async () => {
      await bench.createDatabase('restored');
      const url = bench.urlOf('restored', way);
      return measure(
        `${programs.pgRestore15} -j2 -d "${url}" "${join(folder, `restore-${database}`)}"`,
        bench,
      );
    });
    return {
      name: `restore of ${database}${way === 'slow' ? ', 10 ms' : ''}`,
      prepare: async () => {
        const dump = join(folder, `restore-${database}`);
        if (programs.pgDump15)
          await measure(`${programs.pgDump15} -Fc -f "${dump}" "$${variable(database, 'local')}"`, bench);
        await measure(`${holdfast} backup --database ${database}-local ${config}`, bench);
      },
      contenders: programs.pgDump15 && programs.pgRestore15 ? [test, peer] : [test],
    };
  };
  const backups = (name: string, database: string, way: Way): Scenario => ({
    name,
    contenders: [backup(database, way), ...dumps(database, way)],
  });
  return [
    { name: 'an action without inputs', contenders: [command(ours, actionWithoutInputs)] },
    { name: 'hundred tables', contenders: [backup('hundred', 'watched')] },
    { name: 'a tenth of crm', contenders: [backup('tenth', 'local')] },
    backups('crm', 'crm', 'local'),
    backups('huge', 'huge', 'local'),
    backups('crm, TLS', 'crm', 'tls'),
    backups('many', 'many', 'local'),
    backups('many, 10 ms', 'many', 'slow'),
    restores('crm', 'local'),
    restores('many', 'slow'),
  ];
}

/** Every table by COPY, one after the other, into nothing: what the server needs whoever asks. */
async function serverAlone(bench: Bench, database: string): Promise<Run> {
  const tables = await runSql(
    bench.urlOf(database),
    `SELECT format('COPY %s TO ''/dev/null''', oid::regclass) AS copy FROM pg_class WHERE relkind = 'r'
     AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema')) ORDER BY 1`,
  );
  const before = { wall: performance.now(), cpu: cpuOfServer(bench.postmaster) };
  await runSql(bench.urlOf(database), tables.map(({ copy }) => copy).join(';\n'));
  const [wallMs, serverCpuMs] = [performance.now() - before.wall, cpuOfServer(bench.postmaster) - before.cpu];
  return { wallMs, serverCpuMs, clientCpuMs: 0, peakBytes: 0, outBytes: null, own: {}, stdout: '' };
}
