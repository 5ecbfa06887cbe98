import { z } from 'zod';
import { HoldfastError } from '../../lib/errors.ts';
import { isRawJSON, parseExactly } from './exact-json.ts';
import { tooMany } from './explain-network.ts';
import { fieldsOf, idOf } from './made-backup.ts';
import { type JsonMeasure, measureJson } from './measure-json.ts';
import { notAsPromised } from './not-as-promised.ts';

/** The JSON of a backup: `{enquiries, staff, timestamp, version, trigger}`, and further tables as further arrays. */

/** Column → value; numbers as `parseExactly` gives them. */
export type JsonRow = Readonly<Record<string, unknown>>;

export interface CrmDocument {
  /** As it came. */
  bytes: Buffer;
  timestampMs: number;
  version: string;
  trigger: string;
  /** By name; enquiries and staff are always there. */
  tables: ReadonlyMap<string, readonly JsonRow[]>;
}

const row = z.custom<JsonRow>(
  (value) => fieldsOf(value) !== null && !isRawJSON(value),
  'holds something that is no row',
);
const rows = z.array(row, 'is no list of rows');

const envelopeSchema = z.object({
  timestamp: z.iso.datetime({ offset: true, error: 'is no time with its zone' }),
  version: z.string('is not there').regex(/^1(\.\d+){0,2}$/, 'is none that this Holdfast knows'),
  trigger: z.string('is not there').max(200),
});
const tablesSchema = z.object({ enquiries: rows, staff: rows }).catchall(rows);
const tableName = /^[A-Za-z]\w{0,62}$/;

/**
 * Eight million values are some 130 MB of JSON, and 1.5 GB while they are read; empty objects, of which a hostile document
 * would be made, at most 2.7. No CRM has a thousand tables, or nests so deep.
 */
const [mostValues, mostTables, mostDepth] = [8_000_000, 1000, 500];

/**
 * @param id of the backup that was asked for; a document that is wrapped in its row has to be of that one
 * @throws IntegrityError naming what is wrong
 */
export function readDocument(bytes: Buffer, id: string): CrmDocument {
  const document = unwrap(parse(bytes), id);
  const { timestamp, version, trigger, ...members } = document;
  const envelope = checked(envelopeSchema, { timestamp, version, trigger });
  const names = Object.keys(members);
  const strange = names.find((name) => !tableName.test(name));
  if (strange !== undefined)
    throw notAsPromised(`${JSON.stringify(strange.slice(0, 80))} is no name of a table`);
  if (names.length > mostTables) throw notAsPromised(`it has ${names.length} tables`);
  const tables = checked(tablesSchema, members) as Record<string, JsonRow[]>;
  return {
    bytes,
    timestampMs: Date.parse(envelope.timestamp),
    version: envelope.version,
    trigger: envelope.trigger,
    tables: new Map(Object.entries(tables)),
  };
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) throw notAsPromised('its body is empty', 'the CRM’s backup is empty');
  let measure: JsonMeasure;
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    measure = measureJson(text);
    refuseExcess(measure);
    value = parseExactly(text);
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    const end = bytes.subarray(-1).toString('latin1') === '}' ? 'is no JSON' : 'is no JSON, or was cut short';
    throw notAsPromised(`its body ${end}`, 'the CRM’s backup is cut short or damaged');
  }
  // Of two members with one name a parser keeps the last, and would leave out the rows of the other.
  if (membersIn(value) !== measure.members) throw notAsPromised('a member of an object comes twice');
  return value;
}

function refuseExcess({ values, depth }: JsonMeasure) {
  if (depth > mostDepth) throw notAsPromised(`it is nested deeper than ${mostDepth} levels`);
  if (values > mostValues) throw tooMany(mostValues);
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || isRawJSON(value)) return 0;
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.reduce((sum: number, each) => sum + membersIn(each), inner === value ? 0 : inner.length);
}

/** The document itself, or in its row: `{id, data}`, `{backup: {id, data}}`, `{data: {id, data}}`. */
function unwrap(value: unknown, id: string): Record<string, unknown> {
  let fields = fieldsOf(value);
  for (let depth = 0; fields && depth < 3 && !('enquiries' in fields); depth += 1) {
    const found = idOf(fields);
    if (found !== null && found !== id) throw otherBackup(found, id);
    const inner: unknown = fieldsOf(fields['data']) ?? fieldsOf(fields['backup']);
    if (inner === null) break;
    fields = inner as Record<string, unknown>;
  }
  if (!fields) throw notAsPromised('its body is no JSON object');
  return fields;
}

export function otherBackup(found: string, wanted: string) {
  return notAsPromised(
    `asked for ${wanted}, the CRM gave backup ${found.slice(0, 64)}`,
    'the CRM gave another backup',
  );
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw notAsPromised(`${path.map(String).join('.')} ${message}`);
}
