import { t } from '../words/index.ts';
import { localMoment } from './dom.ts';

/** Says that the verdict uses newer data than the tables below it, and offers the page that goes with it. */
export function showNewer(generatedAt: string): void {
  const note = document.querySelector<HTMLElement>('[data-newer]');
  if (!note) return;
  const link = document.createElement('a');
  link.href = location.pathname;
  link.textContent = t.verdict.reload;
  note.replaceChildren(`${t.verdict.newer(localMoment(generatedAt))} `, link, '.');
  note.hidden = false;
}

/** Says that newer data could not be had; null takes it back. What was said of newer data stays. */
export function showUnreachable(atMs: number | null): void {
  const note = document.querySelector<HTMLElement>('[data-newer]');
  if (!note || note.querySelector('a')) return;
  note.hidden = atMs === null;
  note.textContent = atMs === null ? '' : t.verdict.unreachable(localMoment(atMs));
}
