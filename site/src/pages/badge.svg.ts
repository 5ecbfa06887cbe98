import type { APIRoute } from 'astro';
import { badgeSvg, badgeText } from '../badge.ts';
import { health, status } from '../status.ts';
import { t } from '../words/index.ts';

export const GET: APIRoute = () => {
  const svg = badgeSvg(t.badge.label(null), badgeText(health, status.generatedAt), health.state);
  return new Response(svg, { headers: { 'content-type': 'image/svg+xml' } });
};
