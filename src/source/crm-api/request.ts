import type { CrmAddress } from './address.ts';
import { explainNetwork, tooLarge } from './explain-network.ts';

/** A whole answer. */
export interface CrmAnswer {
  url: URL;
  status: number;
  headers: Headers;
  bytes: Buffer;
}

export interface CrmRequest {
  method: 'PATCH' | 'GET';
  url: URL;
  headers?: Record<string, string>;
  body?: string;
  maxBytes: number;
}

/**
 * Sends one request and reads the answer to its end. A redirect is an answer like any other and not followed: the key goes
 * to the address that was configured, and nowhere else.
 *
 * @throws Passing or HoldfastError when there is no whole answer
 */
export async function send(
  { apiKey, timeoutMs }: Pick<CrmAddress, 'apiKey' | 'timeoutMs'>,
  { method, url, headers, body, maxBytes }: CrmRequest,
  { fetch, signal }: { fetch: typeof globalThis.fetch; signal: AbortSignal },
): Promise<CrmAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      cache: 'no-store',
      headers: {
        accept: 'application/json',
        // The CRM's audit log has it.
        'user-agent': 'holdfast',
        // A digest of the answer is one of the bytes that are sent.
        'accept-encoding': 'identity',
        ...headers,
        'x-api-key': apiKey,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([signal, timeout]),
    });
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const part of response.body ?? []) {
      sizeBytes += part.length;
      if (sizeBytes > maxBytes) throw tooLarge(url, maxBytes);
      parts.push(part);
    }
    return { url, status: response.status, headers: response.headers, bytes: Buffer.concat(parts) };
  } catch (error) {
    throw explainNetwork(error, url, timeout.aborted ? timeoutMs : null);
  }
}
