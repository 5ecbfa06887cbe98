import type { APIRoute } from 'astro';
import { badgeText, shieldsDocument } from '../badge.ts';
import { health, status } from '../status.ts';
import { t } from '../words/index.ts';

export const GET: APIRoute = () =>
  Response.json(shieldsDocument(t.badge.label(null), badgeText(health, status.generatedAt), health.state));
