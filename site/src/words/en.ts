import type { AnomalyPolicy } from '../../../src/health/anomaly/policy.ts';
import type { HealthState } from '../../../src/health/evaluate.ts';
import type { Policy } from '../../../src/health/policy.ts';
import type { LedgerRecord, Rung } from '../../../src/ledger/record.ts';

/** Every word that the pages say, but for the runbook and for the reasons that the ledger itself gives. */

/** The version of the server where there is one. */
type SourceWords = Record<'postgres' | 'crm-api', (major: number) => string>;

const many = (count: number, noun: string) =>
  `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`;

const part = (share: number) => `${Math.round(share * 100)} %`;

export const en = {
  lang: 'en',
  numbers: 'en-GB',
  months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  day: (day: number, month: string, year?: number) =>
    `${day} ${month}${year === undefined ? '' : ` ${year}`}`,
  units: { d: 'd', h: 'h', min: 'min', s: 's', moment: 'less than a minute' },
  ago: (span: string) => ` (${span} ago)`,
  ahead: (span: string) => ` (in ${span})`,

  brand: 'PostgreSQL backups that prove they restore',
  skip: 'Skip to the content',
  nav: {
    label: 'Pages',
    status: 'Status',
    incidents: 'Incidents',
    runbook: 'Runbook',
    about: 'About these numbers',
  },
  up: 'Up',
  states: { good: 'Good', warning: 'Warning', critical: 'Critical' } satisfies Record<HealthState, string>,
  noData: 'No data',
  title: (state: string, since: string | null, database: string | null) =>
    `${state}${since === null ? '' : ` since ${since}`} · ${database === null ? 'Holdfast backup status' : `Backups of ${database}`}`,

  verdict: {
    label: 'Backups: ',
    goodSentence: (n: number, policy: Policy) =>
      `${n === 1 ? 'The database has' : `Each of the ${n} databases has`} a good backup at most ${policy.lateAfterHours} hours old, and a restore test that passed in the last ${policy.restoreTestAfterDays} days.`,
    warningSentence: (n: number, policy: Policy, warnings: number) =>
      `${n === 1 ? 'The database has' : `Each of the ${n} databases has`} a good backup at most ${policy.criticalAfterHours} hours old, but ${warnings === 1 ? 'one thing needs' : `${warnings} things need`} attention.`,
    criticalSentence: (n: number, critical: number) =>
      `Recovery ${n <= 1 ? '' : `of ${critical === n ? `all ${n}` : `${critical} of ${n}`} databases `}to within a day is not assured. Someone has to act.`,
    computed: 'Computed',
    noDeadline: 'No deadline is ahead: only new proof can change it.',
    validUntil: 'Valid until',
    thenUnknown: 'after that, treat as unknown.',
    rechecked: (at: string, next: string | null) =>
      `Checked again by your browser ${at}; ${next === null ? 'no deadline is ahead' : `next deadline ${next}`}.`,
    wrongClock: (at: string) =>
      `Your device’s clock says ${at}, which is before that: the ages below can’t be checked.`,
    turned: (before: string, state: string, since: string) =>
      `It was ${before} when computed and turned ${state} on ${since}.`,
    newer: (at: string) => `Newer data of ${at} was fetched, and the verdict uses it.`,
    reload: 'Load the new page for its tables and charts',
    unreachable: (at: string) =>
      `Newer data could not be fetched at ${at}. What you see ages by itself, by the last that is known.`,
  },
  reasons: {
    title: 'Reasons',
    none: 'Nothing needs attention.',
    since: 'Since',
    more: (n: number) => `And ${n} more: see the databases below.`,
    /** Other languages say them by their code; the ledger has them in English. */
    text: (_code: string, text: string, _policy: Policy): string => text,
  },

  facts: {
    newest: 'Newest good backup',
    none: 'None',
    old: (span: string) => `${span} old`,
    oldWhenComputed: (span: string) => `${span} old when computed`,
    target: (hours: number) => `target: at most ${hours} h`,
    rail: { backup: 'backup', late: 'late', critical: 'critical' },
    snapshotOf: 'Snapshot of',
    proved: 'proved',
    restoreTest: 'Last restore test',
    neverDone: 'Never done',
    outcome: ['Passed', 'Failed'] as [string, string],
    compared: (rows: string, tables: string, time: string) =>
      `${rows} rows in ${tables} tables compared, restored in ${time}.`,
    receipt: 'Receipt of this test',
    couldNotRun: 'A later one could not run:',
    verification: 'Last verification',
    lastRead: 'A backup was last read in full on',
    deadline: 'Next deadline',
    noneAhead: 'None ahead',
    onlyProof: 'Only new proof can change the verdict.',
    withoutProof: (text: string) => `Without new proof by then: ${text}`,
    nextRun: 'Next run due',
    unknownRhythm: 'Not known: too few runs say when they were meant to start.',
    stores: (n: number) => `in ${many(n, 'store')}`,
  },

  history: {
    title: (days: number) => `Last ${days} days`,
    share: (percent: string) => `Good for ${percent} of the time in which anything is known.`,
    worstOfDay: 'Each day shows its worst state: the higher, the worse.',
    nothing: 'Nothing is known of these days.',
    table: 'The same as a table',
    days: 'Days (UTC)',
    state: 'Worst state',
    summary: (good: number, warning: number, critical: number, none: number) =>
      `Days that were Good: ${good}, Warning: ${warning}, Critical: ${critical}, without data: ${none}.`,
  },
  charts: {
    size: 'Size of the archive',
    duration: 'Time a backup took',
    lateness: 'Lateness of the scheduler',
    none: 'No backup was made in these days.',
    noSchedule: 'No run says when it was meant to start.',
    sizeSummary: (n: number, low: string, high: string, newest: string) =>
      low === high
        ? `${many(n, 'backup')} of ${low}.`
        : `${many(n, 'backup')}, between ${low} and ${high}; the newest ${newest}.`,
    band: 'Shaded: the range in which a size is called usual.',
    unusual: (n: number) => (n === 0 ? 'None was unusual.' : `${many(n, 'backup')} marked as unusual.`),
    durationSummary: (median: string, worst: string, newest: string) =>
      median === worst && worst === newest
        ? `The longest took ${worst}.`
        : `Half took at most ${median}, the longest ${worst}, the newest ${newest}.`,
    latenessSummary: (n: number, median: string, worst: string) =>
      `${many(n, 'scheduled run')}; ${median === worst ? '' : `median lateness: ${median}, `}the greatest lateness: ${worst}. Runs that were dropped leave no record.`,
    table: 'Weeks as a table',
    week: 'Week from',
    least: 'Least',
    middle: 'Median',
    most: 'Most',
  },
  stores: {
    title: 'Copies per store',
    columns: ['Store', 'Sound copies', 'Size', 'Newest snapshot', 'Last checked'],
    never: 'Never',
    none: 'None',
  },
  fleet: {
    title: 'Databases',
    columns: ['Database', 'Health', 'Newest good backup', 'Last restore test', 'Last 90 days'],
  },
  incidents: {
    title: 'Incidents',
    recent: 'Recent incidents',
    none: 'None in this time.',
    all: 'All incidents',
    intro: (days: number, limit: number) =>
      `Every time in the last ${days} days in which a database was not Good, newest first; at most ${limit} of each database. Found by judging the ledger again as it stood at each moment.`,
    columns: ['Began', 'Database', 'What', 'Lasted', 'Ended by'],
    ongoing: 'Goes on',
    openSince: (span: string) => `${span} so far`,
    byTime: 'passing of time',
    description: 'Every time in which a database was not Good.',
  },
  verbs: {
    backup: 'Backup',
    verify: 'Verification',
    'restore-test': 'Restore test',
    restore: 'Restore',
    prune: 'Pruning',
    copy: 'Copy to another store',
    rekey: 'Encrypted again to new recipients',
    hold: 'Hold',
    accept: 'Accepted as usual',
    review: 'Retention review',
    alert: 'Alert',
    export: 'Export',
  } satisfies Record<LedgerRecord['verb'], string>,
  outcomes: ['succeeded', 'failed'] as [string, string],
  backups: {
    title: 'Backups',
    description: (database: string) => `Backups of ${database}: health, history and proof.`,
    none: 'There is no backup.',
    older: (count: number) => `${many(count, 'older backup')}`,
    newestOf: (shown: number) => `Of older ones than the newest ${shown} the ledger tells.`,
    all: (database: string) => `All of ${database}`,
    columns: ['Snapshot', 'Proof', 'Size', 'Rows', 'Took', 'Copies'],
    damaged: (store: string) => `${store} (damaged)`,
    notGood: (rung: string) => `not good (was ${rung})`,
    quarantined: 'in quarantine: unusual',
  },
  tables: {
    title: 'Tables',
    compared: 'Tables that were compared',
    columns: ['Table', 'Rows'],
    more: (n: number) => `And ${many(n, 'smaller one')}.`,
  },
  attempts: {
    title: 'Recent attempts',
    none: 'Nothing was ever attempted.',
    columns: ['Started', 'What', 'Outcome', 'Took', 'More'],
    backup: 'backup',
    receipt: 'receipt',
    run: 'run',
  },
  rungs: {
    stored: 'stored',
    intact: 'intact',
    readable: 'readable',
    restored: 'restored',
  } satisfies Record<Rung, string>,
  meanings: {
    stored: 'The receipt and the full size are in the store.',
    intact: 'The stored bytes were read back and match their digest.',
    readable: 'It was decrypted, and every entry’s digest and row count match the manifest.',
    restored: 'It was rebuilt in a scratch database: schema and every table’s content equal the source’s.',
  } satisfies Record<Rung, string>,
  ladder: {
    notReached: 'Not reached',
    run: 'run',
    thatReached: (rung: string) => ` that reached ${rung}`,
    again: 'Last proved',
  },

  backup: {
    title: (id: string) => `Backup ${id} · Holdfast`,
    heading: (database: string) => `Backup of ${database}`,
    good: ['Good', 'Not good'] as [string, string],
    provedCopies: (rung: string, sound: number) =>
      `proved ${rung}, ${sound === 1 ? 'one sound copy' : `${sound} sound copies`}.`,
    noCopy: 'no copy of it is sound any more.',
    refuted: 'a restore test refuted it.',
    quarantined: 'so unusual that it does not count until somebody accepts it.',
    proof: 'Proof',
    receiptOf: (at: string) => `Receipt of the restore test of ${at}`,
    content: 'Content',
    id: 'Id',
    snapshot: 'Snapshot',
    rows: 'Rows',
    inTables: (rows: string, tables: number) => `${rows} in ${many(tables, 'table')}`,
    archive: 'Archive',
    exactBytes: (size: string, bytes: string) => `${size} (${bytes} bytes)`,
    raw: 'Before compression',
    factor: (factor: string) => ` (${factor} times the archive)`,
    took: 'Took',
    source: 'Source',
    sources: {
      postgres: (major: number) => `PostgreSQL ${major}`,
      'crm-api': () => 'CRM, by its own backup',
    } satisfies SourceWords,
    encryption: 'Encryption',
    encrypted: 'age, to the recipients of the configuration',
    clear: 'none: whoever has a copy can read it',
    contentRoot: 'Content root',
    fingerprint: 'Schema fingerprint',
    compared: 'Compared with earlier ones',
    verdicts: {
      learning: 'Too few earlier backups to know what is usual.',
      usual: 'As usual.',
      warning: 'Unusual.',
      quarantine: 'So unusual that it was put in quarantine.',
    },
    copies: 'Copies',
    sound: ['sound', 'found damaged'] as [string, string],
    restore: 'Restore it',
    restoreWorkflow: 'In GitHub, run this workflow with the id above:',
    restoreActions: 'In GitHub: Actions → Restore → Run workflow, with the id above.',
    restoreShell:
      'Or in a checkout with the configuration and the identity; the first line only shows the plan:',
    more: 'What happens then, and what to do when it fails, is in the',
    check: 'Check it yourself',
    checkShell: 'In a checkout with the configuration and the identity:',
  },
  receipt: {
    title: (at: string, verdict: string) => `Restore test of ${at}: ${verdict} · Holdfast`,
    heading: 'Restore test receipt',
    verdicts: { passed: 'Passed', failed: 'Failed', notRun: 'Could not run' },
    reason: 'Reason',
    unknown: 'unknown reason',
    content: 'Content',
    expected: 'Content root of the backup',
    actual: 'Content root of the restored database',
    neverComputed: 'Never computed',
    equal: ['The two are equal', 'The two are not equal'] as [string, string],
    compared: (rows: string, tables: number, different: number) =>
      `${rows} rows in ${many(tables, 'table')} were compared, ${different === 0 ? 'none' : different} of the tables differed.`,
    measured: 'Measured',
    restoreTime: 'Restore time (RTO)',
    untilUsable: 'until the database was usable, indexes and constraints included',
    comparison: 'Comparison',
    whole: 'Whole attempt',
    schema: 'Schema',
    schemas: {
      equal: 'Equal to the source’s.',
      explained: 'Equal but for differences that the server versions explain.',
      different: 'Different from the source’s.',
      applied: 'Applied without an error; of another major version, so not compared.',
    },
    neverCompared: 'Never compared.',
    differences: (n: number) => ` ${many(n, 'difference')}.`,
    into: 'Restored into',
    scratch: { embedded: 'embedded scratch server', url: 'scratch server given by URL' },
    from: 'Read from',
    store: (name: string) => `store ${name}`,
    format: 'Archive format',
    version: (n: number) => `version ${n}`,
    whom: 'Of what, by whom',
    noBackup: 'none could be chosen',
    itsSnapshot: 'Its snapshot',
    fromSource: {
      postgres: (major: number) => `from PostgreSQL ${major}`,
      'crm-api': () => 'from the CRM’s own backup',
    } satisfies SourceWords,
    started: 'Started',
    finished: 'Finished',
    trigger: 'Trigger',
    by: (actor: string) => `, by ${actor}`,
    run: 'Run',
    record: 'Record',
    json: 'The same as JSON',
  },
  about: {
    title: 'About these numbers',
    intro:
      'Health is one word with its reasons. It comes from the ledger, the list of all attempts, by the rules below; the same rules run again in your browser with your clock.',
    states: 'The three states',
    good: 'None of the reasons above holds.',
    critical: (policy: Policy) => [
      `The newest good backup’s snapshot is more than ${policy.criticalAfterHours} hours old, or there is none.`,
      'The newest restore test that gave a verdict found a difference.',
      'There is no data, or it is dated in the future. Unknown is never Good.',
    ],
    warning: (policy: Policy) => [
      `The newest good backup’s snapshot is more than ${policy.lateAfterHours} hours old.`,
      'The last backup attempt failed.',
      'A backup is so unusual in size that it does not count until somebody accepts it, or simply unusual.',
      'A store lacks the newest good backup, or the newest backup never left the database that it protects.',
      `No restore test passed for ${policy.restoreTestAfterDays} days, none was ever done, or the last could not run.`,
      `No backup was proved readable for ${policy.verifyAfterDays} days, or the last verification failed.`,
      'Records are dated in the future: they are not believed.',
    ],
    goodBackup: 'A good backup',
    goodBackupText:
      'It is complete, at least one store holds a sound copy, no restore test refuted it, and it is not in quarantine. What a restore takes of its target beforehand never counts as the newest. Its age is counted from its snapshot, the moment whose content it holds.',
    rungs: 'Four rungs of proof',
    unusual: 'What is usual',
    unusualText: (rules: AnomalyPolicy) =>
      `Size and rows are compared with the median of up to ${rules.window} good backups of the last ${rules.windowDays} days. Unusual is what is more than ${rules.z} times their scatter away and also ${part(rules.shrink)} smaller or ${part(rules.growth)} larger. With fewer than ${rules.coldStart} of them, the one before is the measure: ${part(rules.coldShrink)} smaller or ${part(rules.coldGrowth)} larger. Losing ${part(rules.quarantineShrink)} means quarantine. The shaded band of the size chart is what these rules would have let pass; triangles mark warnings, octagons quarantine.`,
    history: 'History and incidents',
    historyText: (days: number) =>
      `The ledger is judged again as it stood at each moment of the past. The bar has a column for each of the last ${days} days (UTC) with the worst state that held in it; the percentage is of time, from the same judgement. A day before the first record has no data. An incident is the time between two Goods.`,
    lateness: 'Lateness',
    latenessText:
      'From when a schedule meant a backup to start until it started. GitHub starts schedules late, and drops some: those leave no record and show as the age of the newest backup. The next run due is the last intended time and the usual distance between them.',
    rto: 'Restore time',
    rtoText:
      'Measured by each restore test: from reading the archive until the scratch database is usable, indexes and constraints included. Your own server may be faster or slower.',
    aging: 'How this page ages',
    agingText:
      'It carries absolute times. When nothing builds it any more it turns late, then Critical by itself, also in an open tab, in its title and its icon. Without scripts it says until when it is valid. When the ledger is missing or damaged no page is built, and the last one ages.',
    secrets: 'What is not here',
    secretsText: (named: boolean) =>
      `No host, no user${named ? '' : ', no table name'} and no error message as it was: failures have fixed words.`,
  },
  known: 'As known on',
  knownAfter: 'Whether backups are well today is on the',
  statusPage: 'status page',
  notFound: {
    title: 'No such page',
    text: 'Pages of backups that retention has removed, and of older restore tests, are gone; the ledger still has them. Whether backups are well today is on the',
  },
  badge: {
    label: (database: string | null) => (database === null ? 'backups' : `${database} backups`),
    until: (state: string, at: string) => `${state} until ${at}`,
    since: (state: string, at: string) => `${state} since ${at}`,
  },
  feed: {
    title: 'Incidents and restore tests',
    began: (state: string, database: string) => `${state}: ${database}`,
    ended: (span: string) => `Over after ${span}.`,
    test: (database: string, verdict: string) => `Restore test of ${database}: ${verdict}`,
  },
  legend: {
    machines: 'For machines',
    utc: 'Times are UTC; with scripts, in your own time zone. The page judges itself again in your browser every minute.',
    feed: 'Feed of incidents and restore tests',
  },
};

export type Words = typeof en;
