import type { FaultRequest } from '../fault-server.ts';
import type { FakeRepository } from './repository.ts';

/** What a resource of the fake is made of: routes, each with the permission that it asks of the token. */

export type Level = 'read' | 'write';
/** What a token may do, as `permissions:` of a workflow has it. `metadata: read` always comes with it. */
export type Permissions = Record<string, Level>;

export interface ApiRequest extends FaultRequest {
  /** Parts of the path that stand for `:names`. */
  params: Record<string, string>;
  /** The JSON of the body; empty without one. */
  body: Record<string, unknown>;
  repository: FakeRepository;
  /** `http://127.0.0.1:PORT` */
  baseUrl: string;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Route {
  method: string;
  /** After `/repos/:owner/:repo`; `:name` is one part of the path, `*name` the rest. */
  path: string;
  /** Such as `contents: write`. */
  permission: `${string}: ${Level}`;
  handle(request: ApiRequest): Answer | Promise<Answer>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };
export const notFound: Answer = { status: 404, body: { message: 'Not Found' } };
export const refused = (message: string, status = 422): Answer => ({ status, body: { message } });

/** One page of a list, with the `link` header that octokit's paginate follows. */
export function pageOf(request: ApiRequest, all: readonly unknown[], key: string | null = null): Answer {
  const size = Math.min(Number(request.query.get('per_page') ?? 30), 100);
  const page = Number(request.query.get('page') ?? 1);
  const items = all.slice((page - 1) * size, page * size);
  const headers: Record<string, string> = {};
  if (page * size < all.length) {
    const next = new URLSearchParams(request.query);
    next.set('page', String(page + 1));
    headers['link'] = `<${request.baseUrl}${encodeURI(request.path)}?${next}>; rel="next"`;
  }
  return { status: 200, headers, body: key === null ? items : { total_count: all.length, [key]: items } };
}

/** The parts of a path that stand for names; null when it is another path. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const names: string[] = [];
  const source = pattern.replace(/[:*](\w+)/g, (text, name: string) => {
    names.push(name);
    return text.startsWith('*') ? '(.+)' : '([^/]+)';
  });
  const match = new RegExp(`^${source}$`).exec(path);
  return match && Object.fromEntries(names.map((name, index) => [name, match[index + 1]!]));
}
