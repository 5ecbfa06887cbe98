import type { APIRoute } from 'astro';
import { metricsText } from '../metrics.ts';
import { health, status } from '../status.ts';

export const GET: APIRoute = () =>
  new Response(metricsText(status, health), { headers: { 'content-type': 'text/plain; version=0.0.4' } });
