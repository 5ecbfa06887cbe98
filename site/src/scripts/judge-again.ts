import { fetchNewer } from './fetch-newer.ts';
import { atFirst, judge, readJudgement } from './judgement.ts';
import { showFacts } from './show-facts.ts';
import { showNewer, showUnreachable } from './show-newer.ts';
import { localiseTimes, showAges, showDeadlines } from './show-times.ts';
import { showVerdict } from './show-verdict.ts';

/**
 * Judges the facts again with the reader's clock, because the page may be long out of date: whoever should have
 * built a newer one may be the very thing that broke.
 */

const refreshMs = 60_000;
const fetchMs = 5 * 60_000;

let judgement = readJudgement();
let lastFetchMs = Date.now();
let fetching = false;

function refresh(): void {
  const clock = Date.now();
  const computedAt = Date.parse(judgement.generatedAt);
  // A clock behind the page can't tell the age of anything on it.
  const now = Math.max(clock, computedAt);
  const health = judge(judgement, now);
  showVerdict(health, { ...judgement, atFirst: atFirst(judgement), clock, computedAt });
  showDeadlines(judgement, now);
  localiseTimes();
  showAges(judgement.policy, now);
}

async function refetch(): Promise<void> {
  if (fetching) return;
  fetching = true;
  lastFetchMs = Date.now();
  try {
    const newer = await fetchNewer(judgement);
    if (newer) {
      judgement = newer;
      showFacts(judgement);
      refresh();
      showNewer(judgement.generatedAt);
    } else {
      showUnreachable(null);
    }
  } catch {
    showUnreachable(Date.now());
  } finally {
    fetching = false;
  }
}

function wake(): void {
  refresh();
  if (!document.hidden && Date.now() - lastFetchMs >= fetchMs) void refetch();
}

refresh();
// What a cache or an old tab shows may be hours old: ask at once.
if (Date.now() - Date.parse(judgement.generatedAt) > fetchMs) void refetch();
setInterval(wake, refreshMs);
// Timers sleep in background tabs and in pages kept for the back button.
document.addEventListener('visibilitychange', wake);
addEventListener('pageshow', wake);
addEventListener('online', () => void refetch());
