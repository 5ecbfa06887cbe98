import type { z } from 'zod';
import { Refused } from './refused.ts';

/**
 * The JSON body of a request; an absent or empty one is `{}`.
 *
 * @throws Refused 413 when it is larger than `maxBytes`, 400 naming the field when it is not what the schema wants
 */
export async function readBody<T>(request: Request, schema: z.ZodType<T>, maxBytes: number): Promise<T> {
  const bytes = await readBytes(request, maxBytes);
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw new Refused(400, 'invalid_json', 'The body is not JSON, or was cut short.', { field: 'body' });
  }
  return parsed(schema, value, 'body');
}

/** @throws Refused 400 naming the parameter, also for one that is not known or given twice */
export function readQuery<T>(request: Request, schema: z.ZodType<T>): T {
  const query = new URL(request.url).searchParams;
  const given: Record<string, string> = {};
  for (const [name, value] of query) {
    if (Object.hasOwn(given, name)) {
      throw new Refused(400, 'invalid_request', `${name} is given twice.`, { field: name });
    }
    given[name] = value;
  }
  return parsed(schema, given, 'query');
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, whole: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.code === 'unrecognized_keys' ? issue.keys[0]! : issue.path.join('.') || whole;
  throw new Refused(400, 'invalid_request', `${field}: ${issue.message}`, { field });
}

async function readBytes(request: Request, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new Refused(413, 'body_too_large', `The body may have ${maxBytes} bytes at most.`, { field: 'body' });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  if (request.body === null) return Buffer.alloc(0);
  try {
    for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > maxBytes) throw tooLarge();
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(400, 'invalid_json', 'The body was cut short.', { field: 'body' });
  }
  return Buffer.concat(parts);
}
