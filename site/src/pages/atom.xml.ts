import type { APIRoute } from 'astro';
import { atomFeed } from '../feed.ts';
import { href } from '../href.ts';
import { status } from '../status.ts';

/** Links are absolute where the site knows its address, as feed readers want them. */
const link = (path: string) => (status.site.url === null ? href(path) : `${status.site.url}${path}`);

export const GET: APIRoute = () =>
  new Response(atomFeed(status, link), { headers: { 'content-type': 'application/atom+xml' } });
