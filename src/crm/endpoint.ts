import { errorAnswer, reasonOf } from './answer.ts';
import { auditEvent, type Caller } from './audit.ts';
import { authenticate } from './authenticate.ts';
import { automatedBackup, download, history, manualBackup, restoreAnswer } from './operations.ts';
import { type EndpointOptions, type Settings, settingsOf } from './options.ts';
import { RateLimit } from './rate-limit.ts';
import { Refused } from './refused.ts';
import { tell } from './transaction.ts';

export type Handler = (request: Request) => Promise<Response>;

/** The CRM's backup endpoint. Every handler answers every path of it; a route file exports those that it serves. */
export interface BackupEndpoint {
  handle: Handler;
  GET: Handler;
  POST: Handler;
  PATCH: Handler;
}

/**
 * Makes the handlers of `/api/admin/backup`, as docs/crm.md describes them. They never throw: whatever goes wrong is an
 * answer. Nothing is asked of the database before the first request.
 *
 * @throws ConfigError when an option makes no sense
 */
export function createBackupEndpoint(options: EndpointOptions): BackupEndpoint {
  const settings = settingsOf(options);
  const limit = new RateLimit(settings.requestsPerMinute, settings.now);
  const handle: Handler = async (request) => {
    let caller: Caller = { actor: null, address: null };
    try {
      caller = settings.identify(request);
      limit.take(authenticate(request, settings.keys));
      return await route(settings, caller, request);
    } catch (error) {
      reportUnrecorded(settings, caller, request, error);
      return errorAnswer(error);
    }
  };
  return { handle, GET: handle, POST: handle, PATCH: handle };
}

/** Restores and backups have recorded their own failures; refusals are not in the database, because nothing was done. */
function reportUnrecorded(settings: Settings, caller: Caller, request: Request, error: unknown) {
  const outcome = error instanceof Refused ? 'refused' : 'failed';
  if (outcome === 'failed' && request.method !== 'GET') return;
  const detail = `${request.method} ${new URL(request.url).pathname}: ${reasonOf(error)}`;
  tell(settings, auditEvent(caller, { operation: 'request', outcome, detail }));
}

async function route(settings: Settings, caller: Caller, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const found = /^(?:\/([1-9]\d{0,14})(\/restore)?)?\/?$/.exec(pathname.split(settings.path).at(-1)!);
  if (!pathname.includes(settings.path) || !found)
    throw new Refused(404, 'not_found', 'There is nothing here.');
  const [, idText, isRestore] = found;
  const id = Number(idText);
  if (isRestore) return await methods(request, { POST: () => restoreAnswer(settings, caller, request, id) });
  if (idText) return await methods(request, { GET: () => download(settings, caller, request, id) });
  return await methods(request, {
    GET: () => history(settings, caller, request),
    POST: () => manualBackup(settings, caller, request),
    PATCH: () => automatedBackup(settings, caller, request),
  });
}

function methods(request: Request, known: Record<string, () => Promise<Response>>): Promise<Response> {
  const allow = Object.keys(known).join(', ');
  const answer = known[request.method];
  if (answer) return answer();
  throw new Refused(405, 'method_not_allowed', `Only ${allow} here.`, { headers: { allow } });
}
