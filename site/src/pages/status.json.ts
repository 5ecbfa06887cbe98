import type { APIRoute } from 'astro';
import { publicStatus } from '../../../src/health/public-status.ts';
import { status } from '../status.ts';

/** For other programs, and for this page where it stays open. Described in `docs/status-json.md`. */
export const GET: APIRoute = () => Response.json(publicStatus(status));
