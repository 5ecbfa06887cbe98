import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, type HoldfastError, StoreError } from '../lib/errors.ts';
import { capital } from '../lib/format.ts';

/**
 * One message to an address outside. The address holds a token: it is in no message, and no redirect is followed, since it
 * would hand the token to somebody else.
 */

export interface Outside {
  fetch?: typeof fetch;
  sleep?(ms: number): Promise<unknown>;
  /** For one try. */
  timeoutMs?: number;
}

const tries = 3;
/** An answer's beginning says all there is to know. */
const readBytes = 1000;

/**
 * Sends it, and again when it may have been a passing trouble: so it may arrive twice, which is better than not at all.
 *
 * @param who such as `the webhook`, for messages
 * @returns the beginning of the answer
 * @throws ConfigError or StoreError, with a public reason
 */
export async function post(
  who: string,
  address: string,
  message: { body: string; contentType: string },
  outside: Outside = {},
): Promise<string> {
  const url = addressOf(who, address);
  for (let tried = 1; ; tried += 1) {
    const outcome = await once(url, message, outside);
    if ('text' in outcome) return outcome.text;
    const isLast = tried === tries;
    if (isLast || !outcome.mayPass) throw explain(who, outcome);
    await (outside.sleep ?? delay)(1000 * tried);
  }
}

function addressOf(who: string, address: string): URL {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : null;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw failed(ConfigError, who, 'its address is no http or https URL');
}

type Trouble = { mayPass: boolean; status: number | null; code: string };

async function once(
  url: URL,
  { body, contentType }: { body: string; contentType: string },
  { fetch: through = fetch, timeoutMs = 10_000 }: Outside,
): Promise<{ text: string } | Trouble> {
  try {
    const response = await through(url, {
      method: 'POST',
      body,
      headers: { 'content-type': contentType, 'user-agent': 'holdfast' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return { text: await beginning(response) };
    await response.body?.cancel();
    const { status } = response;
    return { mayPass: status >= 500 || status === 429 || status === 408, status, code: '' };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return {
      mayPass: true,
      status: null,
      code: name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? name),
    };
  }
}

async function beginning(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length >= readBytes) break;
  }
  return text.slice(0, readBytes);
}

function explain(who: string, { status, code }: Trouble): HoldfastError {
  if (status === null) return failed(StoreError, who, 'it could not be reached', ` (${code})`);
  if (status >= 500) return failed(StoreError, who, 'it answered with an error of its own', ` (${status})`);
  if (status === 429) return failed(StoreError, who, 'it has had too many messages');
  if (status >= 300 && status < 400)
    return failed(ConfigError, who, 'it answered with a redirect, which is not followed');
  return failed(
    ConfigError,
    who,
    'it does not accept the message: is its address still right?',
    ` (${status})`,
  );
}

function failed(
  Kind: typeof ConfigError | typeof StoreError,
  who: string,
  why: string,
  detail = '',
): HoldfastError {
  const what = `${who} could not be told`;
  return new Kind(`${capital(what)}: ${why}${detail}.`, {
    hint: 'Backups are not affected. Check the secret behind its address.',
    publicReason: `${what}: ${why}`,
  });
}
