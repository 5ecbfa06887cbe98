import { t } from '../words/index.ts';
import { momentElement, setText } from './dom.ts';
import type { Judgement } from './judgement.ts';

/** Puts newer facts where the page tells of the newest good backup. Tables and charts stay as they were built. */
export function showFacts({ facts, generatedAt, backupsUrl }: Judgement): void {
  const computed = document.querySelector('[data-computed]');
  const age = computed?.querySelector<HTMLElement>('[data-age]');
  computed?.querySelector('time')?.replaceWith(momentElement(generatedAt));
  if (age) age.dataset['age'] = generatedAt;
  for (const { database, newestGood } of facts) {
    const of = (what: string) =>
      document.querySelector<HTMLElement>(`[data-${what}-of="${CSS.escape(database)}"]`);
    if (newestGood === null) continue;
    const newest = of('newest');
    if (newest) newest.dataset['old'] = newestGood.snapshotAt;
    const rail = document.querySelector<SVGElement>(`[data-rail-of="${CSS.escape(database)}"]`);
    if (rail) rail.dataset['rail'] = newestGood.snapshotAt;
    of('snapshot')?.replaceChildren(momentElement(newestGood.snapshotAt));
    setText(of('rung'), t.rungs[newestGood.rung]);
    const id = of('id');
    setText(id, newestGood.id);
    id?.setAttribute('href', `${backupsUrl}${newestGood.id}/`);
  }
}
