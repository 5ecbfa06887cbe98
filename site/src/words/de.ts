import type { Policy } from '../../../src/health/policy.ts';
import type { Words } from './en.ts';

/** Deutsch. */

const many = (count: number, one: string, more: string) =>
  `${count.toLocaleString('de-DE')} ${count === 1 ? one : more}`;

/** Units may be abbreviations, which end in a full stop themselves. */
const end = (text: string) => (text.endsWith('.') ? text : `${text}.`);

/** The ledger's own words after the colon stay in English: they are fixed sentences of the tool. */
function reason(code: string, text: string, policy: Policy): string {
  const detail = text.match(/: (.+?)\.?$/)?.[1] ?? 'unbekannter Grund';
  switch (code) {
    case 'no-data':
      return text === 'No data.'
        ? 'Keine Daten.'
        : 'Das Protokoll ist in die Zukunft datiert: eine Uhr geht falsch.';
    case 'no-good-backup':
      return 'Es gibt keine gute Sicherung.';
    case 'backup-too-old':
      return `Seit mehr als ${policy.criticalAfterHours} Stunden keine gute Sicherung.`;
    case 'backup-late':
      return `Die neueste gute Sicherung ist älter als ${policy.lateAfterHours} Stunden.`;
    case 'attempt-failed':
      return `Der letzte Sicherungsversuch ist fehlgeschlagen: ${detail}.`;
    case 'store-behind':
      return `Dem Speicher ${text.match(/^Store (\S+)/)?.[1] ?? ''} fehlt die neueste gute Sicherung.`;
    case 'restore-test-never':
      return 'Es gab noch nie einen Wiederherstellungstest.';
    case 'restore-test-failed':
      return `Der letzte Wiederherstellungstest ist fehlgeschlagen: ${detail}.`;
    case 'restore-test-overdue':
      return `Seit mehr als ${policy.restoreTestAfterDays} Tagen kein Wiederherstellungstest.`;
    case 'restore-test-not-run':
      return `Ein Wiederherstellungstest konnte nicht laufen: ${detail}.`;
    case 'verify-failed':
      return `Die letzte Prüfung ist fehlgeschlagen: ${detail}.`;
    case 'not-off-site':
      return 'Die neueste Sicherung liegt nur in der Datenbank, die sie schützt: keine Kopie hat sie verlassen.';
    case 'future-dated':
      return 'Das Protokoll hat Einträge aus der Zukunft, denen nicht geglaubt wird: eine Uhr ging falsch.';
    case 'anomaly':
      return 'Die neueste Sicherung ist ungewöhnlich; ihre Seite sagt, worin.';
    case 'quarantine':
      return 'Die neueste Sicherung ist so ungewöhnlich, dass sie erst zählt, wenn jemand sie bestätigt.';
    case 'verify-overdue':
      return `Seit mehr als ${policy.verifyAfterDays} Tagen wurde keine Sicherung als lesbar bewiesen.`;
    default:
      return text;
  }
}

const part = (share: number) => `${Math.round(share * 100)} %`;

export const de: Words = {
  lang: 'de',
  numbers: 'de-DE',
  months: ['Jan.', 'Feb.', 'März', 'Apr.', 'Mai', 'Juni', 'Juli', 'Aug.', 'Sept.', 'Okt.', 'Nov.', 'Dez.'],
  day: (day, month, year) => `${day}. ${month}${year === undefined ? '' : ` ${year}`}`,
  units: { d: 'T', h: 'Std.', min: 'Min.', s: 's', moment: 'weniger als eine Minute' },
  ago: (span) => ` (vor ${span})`,
  ahead: (span) => ` (in ${span})`,

  brand: 'PostgreSQL-Sicherungen, die ihre Wiederherstellung beweisen',
  skip: 'Zum Inhalt springen',
  nav: {
    label: 'Seiten',
    status: 'Stand',
    incidents: 'Vorfälle',
    runbook: 'Notfallbuch',
    about: 'Zu diesen Zahlen',
  },
  up: 'Aufwärts',
  states: { good: 'Gut', warning: 'Warnung', critical: 'Kritisch' },
  noData: 'Keine Daten',
  title: (state, since, database) =>
    `${state}${since === null ? '' : ` seit ${since}`} · ${database === null ? 'Holdfast: Stand der Sicherungen' : `Sicherungen von ${database}`}`,

  verdict: {
    label: 'Sicherungen: ',
    goodSentence: (n, policy) =>
      `${n === 1 ? 'Die Datenbank hat' : `Jede der ${n} Datenbanken hat`} eine gute Sicherung, höchstens ${policy.lateAfterHours} Stunden alt, und in den letzten ${policy.restoreTestAfterDays} Tagen einen bestandenen Wiederherstellungstest.`,
    warningSentence: (n, policy, warnings) =>
      `${n === 1 ? 'Die Datenbank hat' : `Jede der ${n} Datenbanken hat`} eine gute Sicherung, höchstens ${policy.criticalAfterHours} Stunden alt, aber ${warnings === 1 ? 'eine Sache braucht' : `${warnings} Dinge brauchen`} Aufmerksamkeit.`,
    criticalSentence: (n, critical) =>
      `Eine Wiederherstellung ${n <= 1 ? '' : `${critical === n ? `aller ${n}` : `von ${critical} der ${n}`} Datenbanken `}auf höchstens einen Tag genau ist nicht gesichert. Jemand muss handeln.`,
    computed: 'Berechnet',
    noDeadline: 'Keine Frist steht bevor: nur ein neuer Beweis kann etwas ändern.',
    validUntil: 'Gültig bis',
    thenUnknown: 'danach als unbekannt ansehen.',
    rechecked: (at, next) =>
      `Von Ihrem Browser neu beurteilt ${at}; ${next === null ? 'keine Frist steht bevor' : `nächste Frist ${next}`}.`,
    wrongClock: (at) =>
      `Die Uhr Ihres Geräts sagt ${at}, das liegt davor: die Alter unten sind nicht prüfbar.`,
    turned: (before, state, since) => `Bei der Berechnung ${before}, seit ${since} ${state}.`,
    newer: (at) => `Neuere Daten vom ${at} wurden geholt; das Urteil beruht auf ihnen.`,
    reload: 'Neue Seite mit ihren Tabellen und Diagrammen laden',
    unreachable: (at) =>
      `Neuere Daten konnten ${at} nicht geholt werden. Was Sie sehen, altert von selbst nach dem letzten Stand.`,
  },
  reasons: {
    title: 'Gründe',
    none: 'Nichts braucht Aufmerksamkeit.',
    since: 'Seit',
    more: (n) => `Und ${n} weitere: siehe die Datenbanken unten.`,
    text: reason,
  },

  facts: {
    newest: 'Neueste gute Sicherung',
    none: 'Keine',
    old: (span) => `${span} alt`,
    oldWhenComputed: (span) => `${span} alt bei der Berechnung`,
    target: (hours) => `Ziel: höchstens ${hours} Std.`,
    rail: { backup: 'Sicherung', late: 'spät', critical: 'kritisch' },
    snapshotOf: 'Stand vom',
    proved: 'bewiesen',
    restoreTest: 'Letzter Wiederherstellungstest',
    neverDone: 'Noch nie',
    outcome: ['Bestanden', 'Fehlgeschlagen'],
    compared: (rows, tables, time) =>
      end(`${rows} Zeilen in ${tables} Tabellen verglichen, wiederhergestellt in ${time}`),
    receipt: 'Beleg dieses Tests',
    couldNotRun: 'Ein späterer konnte nicht laufen:',
    verification: 'Letzte Prüfung',
    lastRead: 'Zuletzt ganz gelesen wurde eine Sicherung am',
    deadline: 'Nächste Frist',
    noneAhead: 'Keine',
    onlyProof: 'Nur ein neuer Beweis kann das Urteil ändern.',
    withoutProof: (text) => `Ohne neuen Beweis bis dahin: ${text}`,
    nextRun: 'Nächster Lauf fällig',
    unknownRhythm: 'Nicht bekannt: zu wenige Läufe sagen, wann sie beginnen sollten.',
    stores: (n) => `in ${many(n, 'Speicher', 'Speichern')}`,
  },

  history: {
    title: (days) => `Die letzten ${days} Tage`,
    share: (percent) => `Gut in ${percent} der Zeit, von der etwas bekannt ist.`,
    worstOfDay: 'Jeder Tag zeigt seinen schlechtesten Zustand: je höher, desto schlechter.',
    nothing: 'Von diesen Tagen ist nichts bekannt.',
    table: 'Dasselbe als Tabelle',
    days: 'Tage (UTC)',
    state: 'Schlechtester Zustand',
    summary: (good, warning, critical, none) =>
      `Tage mit Gut: ${good}, Warnung: ${warning}, Kritisch: ${critical}, ohne Daten: ${none}.`,
  },
  charts: {
    size: 'Größe des Archivs',
    duration: 'Dauer einer Sicherung',
    lateness: 'Verspätung des Zeitplans',
    none: 'In diesen Tagen entstand keine Sicherung.',
    noSchedule: 'Kein Lauf sagt, wann er beginnen sollte.',
    sizeSummary: (n, low, high, newest) =>
      low === high
        ? `${many(n, 'Sicherung', 'Sicherungen')} mit ${low}.`
        : `${many(n, 'Sicherung', 'Sicherungen')}, zwischen ${low} und ${high}; die neueste ${newest}.`,
    band: 'Getönt: der Bereich, in dem eine Größe als üblich gilt.',
    unusual: (n) =>
      n === 0
        ? 'Keine war ungewöhnlich.'
        : `${many(n, 'Sicherung', 'Sicherungen')} als ungewöhnlich markiert.`,
    durationSummary: (median, worst, newest) =>
      median === worst && worst === newest
        ? end(`Die längste brauchte ${worst}`)
        : end(`Die Hälfte brauchte höchstens ${median}, die längste ${worst}, die neueste ${newest}`),
    latenessSummary: (n, median, worst) =>
      `${many(n, 'geplanter Lauf', 'geplante Läufe')}; ${median === worst ? '' : `Verspätung im Median: ${median}, `}${end(`größte Verspätung: ${worst}`)} Ausgefallene Läufe hinterlassen keine Spur.`,
    table: 'Wochen als Tabelle',
    week: 'Woche ab',
    least: 'Kleinster Wert',
    middle: 'Median',
    most: 'Größter Wert',
  },
  stores: {
    title: 'Kopien je Speicher',
    columns: ['Speicher', 'Heile Kopien', 'Größe', 'Neuester Stand', 'Zuletzt geprüft'],
    never: 'Nie',
    none: 'Keiner',
  },
  fleet: {
    title: 'Datenbanken',
    columns: [
      'Datenbank',
      'Zustand',
      'Neueste gute Sicherung',
      'Letzter Wiederherstellungstest',
      'Die letzten 90 Tage',
    ],
  },
  incidents: {
    title: 'Vorfälle',
    recent: 'Jüngste Vorfälle',
    none: 'Keine in dieser Zeit.',
    all: 'Alle Vorfälle',
    intro: (days, limit) =>
      `Jede Zeit der letzten ${days} Tage, in der eine Datenbank nicht Gut war, die neueste zuerst; höchstens ${limit} je Datenbank. Gefunden, indem das Protokoll für jeden Zeitpunkt neu beurteilt wurde.`,
    columns: ['Beginn', 'Datenbank', 'Was', 'Dauer', 'Beendet durch'],
    ongoing: 'Dauert an',
    openSince: (span) => `bisher ${span}`,
    byTime: 'Ablauf der Zeit',
    description: 'Jede Zeit, in der eine Datenbank nicht Gut war.',
  },
  verbs: {
    backup: 'Sicherung',
    verify: 'Prüfung',
    'restore-test': 'Wiederherstellungs\u00ADtest',
    restore: 'Wiederherstellung',
    prune: 'Aufräumen',
    copy: 'Kopie in einen weiteren Speicher',
    rekey: 'Neu verschlüsselt für neue Empfänger',
    hold: 'Aufbewahren',
    accept: 'Als üblich bestätigt',
    review: 'Durchsicht der Aufbewahrung',
    alert: 'Meldung',
    export: 'Export',
  },
  outcomes: ['gelungen', 'fehlgeschlagen'],
  backups: {
    title: 'Sicherungen',
    description: (database) => `Sicherungen von ${database}: Zustand, Verlauf und Beweise.`,
    none: 'Es gibt keine Sicherung.',
    older: (count) => `${many(count, 'ältere Sicherung', 'ältere Sicherungen')}`,
    newestOf: (shown) => `Von älteren als den neuesten ${shown} weiß das Protokoll.`,
    all: (database) => `Alles zu ${database}`,
    columns: ['Stand', 'Beweis', 'Größe', 'Zeilen', 'Dauer', 'Kopien'],
    damaged: (store) => `${store} (beschädigt)`,
    notGood: (rung) => `nicht gut (war ${rung})`,
    quarantined: 'in Quarantäne: ungewöhnlich',
  },
  tables: {
    title: 'Tabellen',
    compared: 'Verglichene Tabellen',
    columns: ['Tabelle', 'Zeilen'],
    more: (n) => `Und ${many(n, 'kleinere', 'kleinere')}.`,
  },
  attempts: {
    title: 'Jüngste Versuche',
    none: 'Noch nie wurde etwas versucht.',
    columns: ['Beginn', 'Was', 'Ergebnis', 'Dauer', 'Mehr'],
    backup: 'Sicherung',
    receipt: 'Beleg',
    run: 'Lauf',
  },
  rungs: { stored: 'gespeichert', intact: 'unversehrt', readable: 'lesbar', restored: 'wiederhergestellt' },
  meanings: {
    stored: 'Quittung und volle Größe liegen im Speicher.',
    intact: 'Die gespeicherten Bytes wurden zurückgelesen und passen zu ihrer Prüfsumme.',
    readable: 'Entschlüsselt; Prüfsumme und Zeilenzahl jedes Eintrags passen zum Manifest.',
    restored:
      'In einer Wegwerf-Datenbank neu aufgebaut: Schema und Inhalt jeder Tabelle gleichen der Quelle.',
  },
  ladder: {
    notReached: 'Nicht erreicht',
    run: 'Lauf',
    thatReached: (rung) => `, der ${rung} erreichte`,
    again: 'Zuletzt bewiesen',
  },

  backup: {
    title: (id) => `Sicherung ${id} · Holdfast`,
    heading: (database) => `Sicherung von ${database}`,
    good: ['Gut', 'Nicht gut'],
    provedCopies: (rung, sound) =>
      `bewiesen ${rung}, ${sound === 1 ? 'eine heile Kopie' : `${sound} heile Kopien`}.`,
    noCopy: 'keine Kopie ist mehr heil.',
    refuted: 'ein Wiederherstellungstest hat sie widerlegt.',
    quarantined: 'so ungewöhnlich, dass sie erst zählt, wenn jemand sie bestätigt.',
    proof: 'Beweis',
    receiptOf: (at) => `Beleg des Wiederherstellungstests vom ${at}`,
    content: 'Inhalt',
    id: 'Kennung',
    snapshot: 'Stand',
    rows: 'Zeilen',
    inTables: (rows, tables) => `${rows} in ${many(tables, 'Tabelle', 'Tabellen')}`,
    archive: 'Archiv',
    exactBytes: (size, bytes) => `${size} (${bytes} Bytes)`,
    raw: 'Vor dem Packen',
    factor: (factor) => ` (das ${factor}-fache des Archivs)`,
    took: 'Dauer',
    source: 'Quelle',
    sources: {
      postgres: (major) => `PostgreSQL ${major}`,
      'crm-api': () => 'CRM, durch dessen eigene Sicherung',
    },
    encryption: 'Verschlüsselung',
    encrypted: 'age, an die Empfänger der Konfiguration',
    clear: 'keine: wer eine Kopie hat, kann sie lesen',
    contentRoot: 'Inhaltswurzel',
    fingerprint: 'Fingerabdruck des Schemas',
    compared: 'Verglichen mit früheren',
    verdicts: {
      learning: 'Zu wenige frühere Sicherungen, um das Übliche zu kennen.',
      usual: 'Wie üblich.',
      warning: 'Ungewöhnlich.',
      quarantine: 'So ungewöhnlich, dass sie in Quarantäne kam.',
    },
    copies: 'Kopien',
    sound: ['heil', 'als beschädigt befunden'],
    restore: 'Wiederherstellen',
    restoreWorkflow: 'In GitHub diesen Workflow mit der Kennung oben starten:',
    restoreActions: 'In GitHub: Actions → Restore → Run workflow, mit der Kennung oben.',
    restoreShell:
      'Oder in einem Checkout mit Konfiguration und Identität; die erste Zeile zeigt nur den Plan:',
    more: 'Was dann geschieht, und was zu tun ist, wenn es fehlschlägt, steht im',
    check: 'Selbst prüfen',
    checkShell: 'In einem Checkout mit Konfiguration und Identität:',
  },
  receipt: {
    title: (at, verdict) => `Wiederherstellungstest vom ${at}: ${verdict} · Holdfast`,
    heading: 'Beleg eines Wiederherstellungs\u00adtests',
    verdicts: { passed: 'Bestanden', failed: 'Fehlgeschlagen', notRun: 'Konnte nicht laufen' },
    reason: 'Grund',
    unknown: 'unbekannter Grund',
    content: 'Inhalt',
    expected: 'Inhaltswurzel der Sicherung',
    actual: 'Inhaltswurzel der wiederhergestellten Datenbank',
    neverComputed: 'Nie berechnet',
    equal: ['Beide sind gleich', 'Beide sind nicht gleich'],
    compared: (rows, tables, different) =>
      `${rows} Zeilen in ${many(tables, 'Tabelle', 'Tabellen')} wurden verglichen, ${different === 0 ? 'keine' : different} der Tabellen wich ab.`,
    measured: 'Gemessen',
    restoreTime: 'Wiederherstellungszeit (RTO)',
    untilUsable: 'bis die Datenbank benutzbar war, mit Indizes und Bedingungen',
    comparison: 'Vergleich',
    whole: 'Ganzer Versuch',
    schema: 'Schema',
    schemas: {
      equal: 'Gleich dem der Quelle.',
      explained: 'Gleich bis auf Unterschiede, die die Serverversionen erklären.',
      different: 'Anders als das der Quelle.',
      applied: 'Ohne Fehler angewandt; andere Hauptversion, daher nicht verglichen.',
    },
    neverCompared: 'Nie verglichen.',
    differences: (n) => ` ${many(n, 'Unterschied', 'Unterschiede')}.`,
    into: 'Wiederhergestellt in',
    scratch: { embedded: 'eingebauter Wegwerf-Server', url: 'Wegwerf-Server nach URL' },
    from: 'Gelesen aus',
    store: (name) => `Speicher ${name}`,
    format: 'Archivformat',
    version: (n) => `Version ${n}`,
    whom: 'Wovon, durch wen',
    noBackup: 'keine war wählbar',
    itsSnapshot: 'Ihr Stand',
    fromSource: {
      postgres: (major) => `von PostgreSQL ${major}`,
      'crm-api': () => 'aus der eigenen Sicherung des CRM',
    },
    started: 'Beginn',
    finished: 'Ende',
    trigger: 'Auslöser',
    by: (actor) => `, durch ${actor}`,
    run: 'Lauf',
    record: 'Eintrag',
    json: 'Dasselbe als JSON',
  },
  about: {
    title: 'Zu diesen Zahlen',
    intro:
      'Der Zustand ist ein Wort mit seinen Gründen. Er folgt aus dem Protokoll aller Versuche, nach den Regeln unten; dieselben Regeln laufen in Ihrem Browser noch einmal mit Ihrer Uhr.',
    states: 'Die drei Zustände',
    good: 'Keiner der Gründe oben trifft zu.',
    critical: (policy) => [
      `Der Stand der neuesten guten Sicherung ist älter als ${policy.criticalAfterHours} Stunden, oder es gibt keine.`,
      'Der neueste Wiederherstellungstest mit Ergebnis fand einen Unterschied.',
      'Es gibt keine Daten, oder sie sind in die Zukunft datiert. Unbekannt ist nie Gut.',
    ],
    warning: (policy) => [
      `Der Stand der neuesten guten Sicherung ist älter als ${policy.lateAfterHours} Stunden.`,
      'Der letzte Sicherungsversuch ist fehlgeschlagen.',
      'Eine Sicherung ist ungewöhnlich groß oder klein, oder so sehr, dass sie erst zählt, wenn jemand sie bestätigt.',
      'Einem Speicher fehlt die neueste gute Sicherung, oder die neueste hat die Datenbank, die sie schützt, nie verlassen.',
      `Seit ${policy.restoreTestAfterDays} Tagen bestand kein Wiederherstellungstest, es gab nie einen, oder der letzte konnte nicht laufen.`,
      `Seit ${policy.verifyAfterDays} Tagen wurde keine Sicherung als lesbar bewiesen, oder die letzte Prüfung schlug fehl.`,
      'Einträge sind in die Zukunft datiert: sie werden nicht geglaubt.',
    ],
    goodBackup: 'Eine gute Sicherung',
    goodBackupText:
      'Sie ist vollständig, mindestens ein Speicher hat eine heile Kopie, kein Wiederherstellungstest hat sie widerlegt, und sie ist nicht in Quarantäne. Was eine Wiederherstellung zuvor von ihrem Ziel sichert, gilt nie als die neueste. Ihr Alter zählt ab dem Augenblick, dessen Inhalt sie hat.',
    rungs: 'Vier Stufen des Beweises',
    unusual: 'Was üblich ist',
    unusualText: (rules) =>
      `Größe und Zeilen werden mit dem Median von bis zu ${rules.window} guten Sicherungen der letzten ${rules.windowDays} Tage verglichen. Ungewöhnlich ist, was mehr als ${rules.z}-mal so weit entfernt ist, wie diese streuen, und zugleich ${part(rules.shrink)} kleiner oder ${part(rules.growth)} größer. Bei weniger als ${rules.coldStart} ist die vorige das Maß: ${part(rules.coldShrink)} kleiner oder ${part(rules.coldGrowth)} größer. Ein Verlust von ${part(rules.quarantineShrink)} heißt Quarantäne. Das getönte Band im Diagramm ist, was diese Regeln hätten gelten lassen; Dreiecke stehen für Warnungen, Achtecke für Quarantäne.`,
    history: 'Verlauf und Vorfälle',
    historyText: (days) =>
      `Das Protokoll wird so neu beurteilt, wie es zu jedem früheren Zeitpunkt stand. Das Band hat eine Spalte für jeden der letzten ${days} Tage (UTC) mit dem schlechtesten Zustand darin; der Anteil ist einer der Zeit, aus demselben Urteil. Ein Tag vor dem ersten Eintrag hat keine Daten. Ein Vorfall ist die Zeit zwischen zweimal Gut.`,
    lateness: 'Verspätung',
    latenessText:
      'Vom geplanten bis zum wirklichen Beginn einer Sicherung. GitHub startet Zeitpläne verspätet und lässt manche ausfallen: die hinterlassen keine Spur und zeigen sich am Alter der neuesten Sicherung. Der nächste fällige Lauf folgt aus dem letzten geplanten und dem üblichen Abstand.',
    rto: 'Wiederherstellungszeit',
    rtoText:
      'Gemessen bei jedem Wiederherstellungstest: vom Lesen des Archivs, bis die Wegwerf-Datenbank benutzbar ist, mit Indizes und Bedingungen. Ihr eigener Server kann schneller oder langsamer sein.',
    aging: 'Wie diese Seite altert',
    agingText:
      'Sie trägt absolute Zeiten. Baut sie niemand mehr, so wird sie von selbst erst spät, dann Kritisch, auch in einem offenen Tab, im Titel und im Symbol. Ohne Skripte sagt sie, bis wann sie gilt. Fehlt das Protokoll oder ist es beschädigt, so wird keine Seite gebaut, und die letzte altert.',
    secrets: 'Was hier nicht steht',
    secretsText: (named) =>
      `Kein Rechner, kein Benutzer${named ? '' : ', kein Tabellenname'} und keine rohe Fehlermeldung: Fehlschläge haben feste Worte.`,
  },
  known: 'Bekannt am',
  knownAfter: 'Ob die Sicherungen heute in Ordnung sind, steht auf der',
  statusPage: 'Startseite',
  notFound: {
    title: 'Keine solche Seite',
    text: 'Seiten von entfernten Sicherungen und von älteren Wiederherstellungstests gibt es nicht mehr; im Protokoll stehen sie noch. Ob die Sicherungen heute in Ordnung sind, steht auf der',
  },
  badge: {
    label: (database) => (database === null ? 'Sicherungen' : `Sicherungen ${database}`),
    until: (state, at) => `${state} bis ${at}`,
    since: (state, at) => `${state} seit ${at}`,
  },
  feed: {
    title: 'Vorfälle und Wiederherstellungstests',
    began: (state, database) => `${state}: ${database}`,
    ended: (span) => end(`Vorbei nach ${span}`),
    test: (database, verdict) => `Wiederherstellungstest von ${database}: ${verdict}`,
  },
  legend: {
    machines: 'Für Maschinen',
    utc: 'Zeiten sind UTC; mit Skripten in Ihrer eigenen Zeitzone. Die Seite beurteilt sich in Ihrem Browser jede Minute neu.',
    feed: 'Feed der Vorfälle und Wiederherstellungstests',
  },
};
