import type { APIRoute } from 'astro';
import type { Health } from '../../../../../src/health/evaluate.ts';
import { badgeText, shieldsDocument } from '../../../badge.ts';
import { health, status } from '../../../status.ts';
import { t } from '../../../words/index.ts';

export function getStaticPaths() {
  return health.databases.map((judged) => ({ params: { database: judged.database }, props: judged }));
}

export const GET: APIRoute<Health['databases'][number]> = ({ props }) =>
  Response.json(
    shieldsDocument(t.badge.label(props.database), badgeText(props, status.generatedAt), props.state),
  );
