import { ConfigError, IntegrityError, SourceError } from '../../lib/errors.ts';
import { untouched } from './explain-network.ts';
import { Passing, retryAfterMs } from './passing.ts';
import type { CrmAnswer } from './request.ts';

/** What the CRM means by an answer that is not what was asked for. */

interface Words {
  message: string;
  hint: string;
  publicReason: string;
}

const refusals: Readonly<Record<number, Words>> = {
  401: {
    message: 'The CRM refused the API key (401).',
    hint: 'Set the secret behind api-key to the key that the CRM has now.',
    publicReason: 'the CRM refused the API key',
  },
  403: {
    message: 'The CRM does not let this API key make or read backups (403).',
    hint: 'A firewall in front of the CRM can say so too: let /api/admin/backup through for the runner.',
    publicReason: 'the CRM forbids the request',
  },
  404: {
    message: 'The CRM has no such route (404).',
    hint: 'Compare backup-path and download-path in holdfast.yml with the routes of the CRM (docs/crm-source.md).',
    publicReason: 'the CRM has no such route',
  },
  405: {
    message: 'The CRM does not take this method on this route (405).',
    hint: 'It is PATCH to make a backup and GET to download it; does the route file export them?',
    publicReason: 'the CRM does not take this method',
  },
};

/**
 * @param method of the request, for the message
 * @throws Passing for what may pass; ConfigError or SourceError for every other status than 200 and 201
 */
export function requireSuccess(answer: CrmAnswer, method: string, nowMs: number, apiKey: string): void {
  const { status, headers, url } = answer;
  if (status === 200 || status === 201) {
    refuseWebPage(answer);
    return;
  }
  const where = ` ${method} ${url.pathname}: `;
  if (status >= 300 && status < 400) throw redirected(answer);
  const refusal = refusals[status];
  const said = wordsOf(answer, apiKey);
  if (refusal) {
    const { message, ...options } = refusal;
    throw new ConfigError(`${message}${where}${said} ${untouched}`, options);
  }
  const error = new SourceError(`The CRM answered with status ${status}.${where}${said} ${untouched}`, {
    hint: 'Running it again is safe. The log of the CRM says why.',
    publicReason:
      status === 429 ? 'the CRM asked to come back later' : `the CRM answered with status ${status}`,
  });
  const pauseMs = retryAfterMs(headers, nowMs);
  // 409 with a pause: the twin of this request, whose answer was lost, is still being worked on.
  const mayPass = status === 408 || status === 429 || status >= 500 || (status === 409 && pauseMs !== null);
  throw mayPass ? new Passing(error, pauseMs) : error;
}

function refuseWebPage({ headers, bytes, url }: CrmAnswer) {
  const type = headers.get('content-type') ?? '';
  const isPage =
    /html/i.test(type) || /^\s*<(!doctype|html|head|body)/i.test(bytes.subarray(0, 200).toString('latin1'));
  if (isPage) {
    throw new ConfigError(`The CRM answered ${url.pathname} with a web page instead of JSON. ${untouched}`, {
      hint: 'It is most likely its login page: let the endpoint through in the CRM’s middleware, since it checks its key itself.',
      publicReason: 'the CRM answered with a web page',
    });
  }
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    const shown = type === '' ? 'no content type' : `content type ${JSON.stringify(type.slice(0, 60))}`;
    throw new IntegrityError(`The CRM answered ${url.pathname} with ${shown} instead of JSON. ${untouched}`, {
      hint: 'The endpoint has to answer with application/json.',
      publicReason: 'the CRM’s answer is not JSON',
    });
  }
}

function redirected({ url, status, headers }: CrmAnswer): ConfigError {
  const target = URL.parse(headers.get('location') ?? '', url);
  // A query may hold a token, and a location anything.
  const to = target === null ? '' : ` to ${target.origin}${target.pathname}`.slice(0, 200);
  const isElsewhere = target !== null && target.origin !== url.origin;
  return new ConfigError(
    `The CRM redirects ${url.pathname}${to} (${status}), which was not followed${isElsewhere ? ': the API key goes to no other address' : ''}. ${untouched}`,
    {
      hint: 'To a login page: let the endpoint through in the CRM’s middleware. To its own address: put that into holdfast.yml.',
      publicReason: 'the CRM redirects the request',
    },
  );
}

/** What the CRM says of its refusal, in one line, in case it is known there. */
function wordsOf({ bytes }: CrmAnswer, apiKey: string): string {
  const text = bytes.subarray(0, 10_000).toString('utf8');
  let said = '';
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    said = [message, error].find((each) => typeof each === 'string') ?? '';
  } catch {
    // A page of a proxy: its words say less than the status.
  }
  const plain = said
    .replaceAll(apiKey, '***')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
  return plain === '' ? 'it does not say why.' : `it says ${JSON.stringify(plain)}.`;
}
