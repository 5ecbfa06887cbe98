import type { Health } from '../../src/health/evaluate.ts';
import type { Status } from '../../src/health/status.ts';

/** The status document in Prometheus' text format. Times are Unix seconds, so that alerts reckon ages themselves. */
export function metricsText(status: Status, health: Health): string {
  const lines: string[] = [];
  const metric = (
    name: string,
    help: string,
    samples: [labels: Record<string, string>, value: number | null][],
  ) => {
    const known = samples.filter(([, value]) => value !== null);
    if (known.length === 0) return;
    lines.push(`# HELP holdfast_${name} ${help}`, `# TYPE holdfast_${name} gauge`);
    for (const [labels, value] of known) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
      lines.push(`holdfast_${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`);
    }
  };
  const seconds = (at: string | null | undefined) => (at ? Date.parse(at) / 1000 : null);
  const each = (of: (facts: Status['facts'][number], shown: Status['databases'][number]) => number | null) =>
    status.facts.map((facts, index): [Record<string, string>, number | null] => [
      { database: facts.database },
      of(facts, status.databases[index]!),
    ]);

  metric('status_generated_timestamp_seconds', 'When this was computed.', [
    [{}, seconds(status.generatedAt)],
  ]);
  metric(
    'health',
    'When computed: 0 good, 1 warning, 2 critical.',
    health.databases.map(({ database, state }) => [
      { database },
      { good: 0, warning: 1, critical: 2 }[state],
    ]),
  );
  metric(
    'newest_good_backup_timestamp_seconds',
    'Snapshot of the newest good backup; absent when there is none.',
    each((facts) => seconds(facts.newestGood?.snapshotAt)),
  );
  metric(
    'newest_backup_size_bytes',
    'Archive of the newest backup.',
    each((_, shown) => shown.backups[0]?.sizeBytes ?? null),
  );
  metric(
    'newest_backup_rows',
    'Rows in the newest backup.',
    each((_, shown) => shown.backups[0]?.rows ?? null),
  );
  metric(
    'newest_backup_duration_seconds',
    'How long the newest backup took.',
    each((_, shown) => (shown.backups[0] ? shown.backups[0].durationMs / 1000 : null)),
  );
  metric(
    'last_restore_test_timestamp_seconds',
    'Newest restore test that gave a verdict.',
    each((facts) => seconds(facts.lastRestoreTest?.at)),
  );
  metric(
    'last_restore_test_success',
    'Its verdict: 1 passed, 0 failed.',
    each((facts) => (facts.lastRestoreTest ? Number(facts.lastRestoreTest.outcome === 'succeeded') : null)),
  );
  metric(
    'last_restore_test_restore_seconds',
    'Measured time to a usable database.',
    each((_, shown) => {
      const result = shown.restoreTests.find((test) => test.result !== null)?.result;
      return result ? result.restoreDurationMs / 1000 : null;
    }),
  );
  metric(
    'last_readable_timestamp_seconds',
    'When a backup was last read in full.',
    each((facts) => seconds(facts.lastReadableAt)),
  );
  metric(
    'sound_copies',
    'Backups with a sound copy in a store.',
    status.databases.flatMap(({ database, holdings }) =>
      holdings.map(({ store, backups }): [Record<string, string>, number] => [{ database, store }, backups]),
    ),
  );
  return `${lines.join('\n')}\n`;
}
