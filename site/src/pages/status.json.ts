import type { APIRoute } from 'astro';
import { status } from '../status.ts';

/** The status document itself, for other programs. Its schema: `src/health/status.ts`. */
export const GET: APIRoute = () => Response.json(status);
