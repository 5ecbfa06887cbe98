import type { APIRoute } from 'astro';
import type { Health } from '../../../../../src/health/evaluate.ts';
import { badgeSvg, badgeText } from '../../../badge.ts';
import { health, status } from '../../../status.ts';
import { t } from '../../../words/index.ts';

export function getStaticPaths() {
  return health.databases.map((judged) => ({ params: { database: judged.database }, props: judged }));
}

export const GET: APIRoute<Health['databases'][number]> = ({ props }) => {
  const svg = badgeSvg(t.badge.label(props.database), badgeText(props, status.generatedAt), props.state);
  return new Response(svg, { headers: { 'content-type': 'image/svg+xml' } });
};
