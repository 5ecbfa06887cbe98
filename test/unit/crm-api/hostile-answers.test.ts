import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HoldfastError, IntegrityError, SourceError } from '../../../src/lib/errors.ts';
import type { JsonRow } from '../../../src/source/crm-api/document.ts';
import { parseExactly } from '../../../src/source/crm-api/exact-json.ts';
import { inferColumns } from '../../../src/source/crm-api/infer-columns.ts';
import { copyText } from '../../../src/source/crm-api/json-copy.ts';
import { apiKey, backUp, type FakeCrm, json, send, startFakeCrm } from '../../support/fake-crm.ts';
import { deep, odd, patched } from '../../support/hostile-json.ts';
import { failureOf, memoryGrowthDuring, within } from '../../support/pieces.ts';
import { openWorkplace, type Workplace } from '../../support/workplace.ts';

/**
 * Answers that no CRM should give: each is refused with an error of ours, in little time and memory, or every row of it is in
 * a backup that can be read.
 */

let crm: FakeCrm;
let place: Workplace;
beforeAll(async () => {
  [crm, place] = await Promise.all([startFakeCrm(), openWorkplace()]);
});
afterAll(() => Promise.all([crm[Symbol.asyncDispose](), place[Symbol.asyncDispose]()]));
beforeEach(() => {
  Object.assign(crm, { onPatch: null, onDownload: null, onList: null });
  crm.refill(3);
});

/** Long enough for a busy machine; what has to end with its time has a time of its own. */
const api = () => crm.api({ timeoutMs: 40_000 });
const answering = (body: string | Buffer) => (response: ServerResponse) =>
  send(response, 200, 'application/json', body);

/** What was made, readable to its last row; or the refusal. */
async function madeOrRefused(): Promise<{ rows: number } | HoldfastError> {
  try {
    const { id, receipt } = await within(45_000, backUp(place, api()));
    expect((await place.verify(id)).checked).toMatchObject([{ id, rung: 'readable' }]);
    return receipt;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    expect(error.message.length).toBeLessThan(600);
    expect(`${error.message} ${error.hint} ${error.publicReason}`).not.toContain(apiKey);
    expect(error.message).not.toMatch(/\n/);
    return error;
  }
}

async function refusal(): Promise<HoldfastError> {
  const outcome = await madeOrRefused();
  expect(outcome).toBeInstanceOf(HoldfastError);
  return outcome as HoldfastError;
}

test('the answer to PATCH, patched anywhere, cut anywhere, or random', async () => {
  const metadata = { ...crm.metadata, id: 17, digest: undefined };
  const answer = JSON.parse(JSON.stringify({ success: true, backup: metadata }));
  const text = JSON.stringify(answer);
  const came = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { weight: 6, arbitrary: patched(answer) },
        fc.nat(text.length).map((at) => text.slice(0, at)),
        odd.map((value) => JSON.stringify(value)),
        fc.constant(deep),
      ),
      async (body) => {
        crm.onPatch = answering(body);
        const outcome = await madeOrRefused();
        came.add(outcome instanceof HoldfastError ? outcome.name : 'made');
        if (!(outcome instanceof HoldfastError)) expect(outcome.rows).toBe(4);
      },
    ),
    { numRuns: 30 },
  );
  expect([...came]).toEqual(expect.arrayContaining(['made', 'IntegrityError']));
}, 60_000);

test('the download, patched anywhere: all its rows are in the backup, or there is none', async () => {
  crm.document['notes'] = [{ id: 1, at: '2026-11-22', price: 1.5, tags: ['a', { b: null }] }];
  const came = new Set<string>();
  await fc.assert(
    fc.asyncProperty(patched(crm.document), async (body) => {
      crm.onPatch = (response) => json(response, 201, { success: true, backup: { id: 17 } });
      crm.onDownload = answering(body);
      const outcome = await madeOrRefused();
      came.add(outcome instanceof HoldfastError ? outcome.name : 'made');
      if (outcome instanceof HoldfastError) return;
      const tables = Object.values(JSON.parse(body) as object).filter(Array.isArray);
      expect(outcome.rows).toBe(tables.reduce((sum, rows) => sum + rows.length, 0));
    }),
    { numRuns: 30 },
  );
  expect([...came]).toEqual(expect.arrayContaining(['made', 'IntegrityError']));
}, 60_000);

test('rows with any members become COPY text from which each value can be read again', () => {
  const names = ['id', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'length', 'a b', '"', 'ä'];
  const value = fc.oneof(
    odd,
    fc.string(),
    fc.double().map((each) => (Number.isFinite(each) ? each : null)),
    fc.bigInt().map((each) => `${each}`),
    fc.constantFrom('\\N', '\\.', 'a\tb', 'a\nb', '\\', '\ud800', true, false, -0),
  );
  const row = fc
    .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 })
    .map((members) =>
      [...new Map(members)].map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`),
    )
    .map((members) => `{${members.join(',')}}`);
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      const parsed = parseExactly(`[${rows.join(',')}]`) as JsonRow[];
      const columns = inferColumns('things', parsed);
      const lines = Buffer.concat([...copyText(parsed, columns)])
        .toString()
        .split('\n')
        .slice(0, -1);
      expect(lines).toHaveLength(rows.length);
      for (const [index, line] of lines.entries()) {
        const original = JSON.parse(rows[index]!) as Record<string, unknown>;
        const fields = columns.length === 0 ? [] : line.split('\t');
        expect(fields).toHaveLength(columns.length);
        for (const [at, { name, type }] of columns.entries())
          expect(read(fields[at]!, type)).toEqual(Object.hasOwn(original, name) ? original[name] : null);
      }
    }),
    { numRuns: 400 },
  );

  function read(field: string, type: string): unknown {
    if (field === '\\N') return null;
    const letters: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
    const text = field.replace(/\\(.)/gs, (_, letter: string) => letters[letter] ?? letter);
    if (type === 'boolean') return text === 't';
    return type === 'text' ? text : JSON.parse(text);
  }
});

describe('a document that', () => {
  const document = (enquiries: string, more = '') =>
    `{"enquiries":${enquiries},"staff":[]${more},"timestamp":"${new Date().toISOString()}","version":"1.0","trigger":"scheduled"}`;
  const giving = (body: string | Buffer) => {
    crm.onPatch = (response) => json(response, 201, { success: true, backup: { id: 17 } });
    crm.onDownload = answering(body);
  };

  test.each([
    ['names a table twice', document('[{"id":1},{"id":2}]', ',"enquiries":[]'), /comes twice/],
    ['names a member of a row twice', document('[{"a":1,"\\u0061":2}]'), /comes twice/],
    ['names a table __proto__', document('[]', ',"__proto__":[{"id":1}]'), /no name of a table/],
    ['names a table like a path', document('[]', ',"../x":[]'), /no name of a table/],
    [
      'has two thousand tables',
      document('[]', Array.from({ length: 2000 }, (_, n) => `,"t${n}":[]`).join('')),
      /2002 tables/,
    ],
    ['is nested deep', document(`[{"a":${deep}}]`), /nested deeper/],
    ['is only brackets', deep, /nested deeper/],
    ['is nested in a name', document('[]', `,"${'['.repeat(9000)}":1`), /no name of a table/],
    ['holds rows that are none', document('[1,[],null]'), /is no row/],
    ['is not UTF-8', Buffer.from(document('[{"a":"ä"}]'), 'latin1'), /no JSON/],
  ])('%s is refused', async (_, body, why) => {
    giving(body);
    expect((await refusal()).message).toMatch(why);
  });

  test('has members that every object inherits keeps its rows apart', async () => {
    giving(document('[{"id":1},{"id":2,"constructor":"Bob","__proto__":{"x":1},"toString":null}]'));
    expect(await madeOrRefused()).toMatchObject({ rows: 2 });
  });

  test('has 500 levels, and numbers of a thousand digits, is taken', async () => {
    giving(document(`[{"a":${'['.repeat(490)}${']'.repeat(490)},"n":${'9'.repeat(5000)},"e":1e400,"z":-0}]`));
    expect(await madeOrRefused()).toMatchObject({ rows: 1 });
  });

  test('is small and would be gigabytes is refused before it is read', async () => {
    giving(document(`[${'{},'.repeat(9_000_000)}{}]`));
    const growth = await memoryGrowthDuring(async () => {
      const error = await refusal();
      expect(error).toBeInstanceOf(SourceError);
      expect(error.message).toContain('8,000,000 values');
    });
    expect(growth / (1 << 20)).toBeLessThan(400);
  }, 30_000);
});

describe('an answer that', () => {
  const endless = (piece: Buffer, everyMs: number | null) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      if (response.destroyed) return;
      if (everyMs !== null) {
        response.write(piece);
        setTimeout(more, everyMs).unref();
        return;
      }
      while (response.write(piece));
      response.once('drain', more);
    };
    more();
  };

  test('never ends is refused, to PATCH after 4 MB and as a download after 256', async () => {
    crm.onPatch = endless(Buffer.alloc(1 << 18, ' '), null);
    const growth = await memoryGrowthDuring(async () =>
      expect((await refusal()).message).toContain('larger than 4.2 MB'),
    );
    expect(growth / (1 << 20)).toBeLessThan(150);
    crm.onPatch = null;
    crm.onDownload = endless(Buffer.alloc(1 << 20, ' '), null);
    const more = await memoryGrowthDuring(async () =>
      expect((await refusal()).message).toContain('larger than 268 MB'),
    );
    expect(more / (1 << 20)).toBeLessThan(600);
  }, 60_000);

  test('drips for ever ends with its time', async () => {
    crm.onPatch = endless(Buffer.from(' '), 20);
    const work = backUp(place, crm.api({ timeoutMs: 150 }));
    expect((await within(8000, failureOf(work))).message).toMatch(
      /did not answer in 1 seconds.*tried 5 times/,
    );
  });

  test('is a bomb of gzip is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(40 << 20, ' '));
    crm.onPatch = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(bomb);
    };
    expect((await refusal()).message).toContain('larger than 4.2 MB');
  });

  test.each([
    ['a shorter length than it has', -10],
    ['a longer length than it has', 10],
    ['no length at all, and is cut', null],
  ])('claims %s is refused', async (_, off) => {
    crm.onDownload = (response, { bytes }) => {
      const length = off === null ? {} : { 'content-length': bytes.length + off };
      response.writeHead(200, { 'content-type': 'application/json', ...length });
      response.write(off === null ? bytes.subarray(0, -10) : bytes, () => response.socket?.end());
    };
    const error = await refusal();
    expect([IntegrityError, SourceError].some((kind) => error instanceof kind)).toBe(true);
  });

  test.each([200, 400, 429, 500])('is %i with any words says so in one line', async (status) => {
    for (const body of [deep, '{"message":', '{"message":{"toString":1}}', `"${'x'.repeat(1e6)}"`, 'null']) {
      crm.onPatch = (response) => send(response, status, 'application/json', body);
      await refusal();
    }
    crm.onPatch = (response) =>
      json(response, status, { message: `\u001b[2J\n::error::${apiKey}${'y'.repeat(1e5)}` });
    await refusal();
  });
});
