/**
 * Rows of COPY text taken apart. Text is held as latin1, one character for each byte: all that COPY, CSV and JSON give
 * a meaning to is ASCII, so the UTF-8 between passes through unchanged, and a string costs one byte a character.
 */

const lineFeed = 10;
/** Short strings are young garbage, which costs next to nothing; long ones stay until memory is short. */
const sliceBytes = 1 << 16;
const octalDigits = /^[0-7]{1,3}/;
const hexDigits = /^[0-9A-Fa-f]{1,2}/;
const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Puts rows together that come in parts cut at any byte. Holds at most the one row that is still open. */
export class WholeRows {
  #open: Buffer[] = [];

  /** The whole rows that these bytes complete, each with its line feed; null while a single row goes on. */
  take(bytes: Buffer): Buffer | null {
    const end = bytes.lastIndexOf(lineFeed) + 1;
    const rest = bytes.subarray(end);
    if (end === 0) {
      if (rest.length > 0) this.#open.push(rest);
      return null;
    }
    const first = bytes.subarray(0, end);
    const whole = this.#open.length === 0 ? first : Buffer.concat([...this.#open, first]);
    this.#open = rest.length > 0 ? [rest] : [];
    return whole;
  }

  get isInsideRow(): boolean {
    return this.#open.length > 0;
  }
}

/**
 * The fields of whole rows as `WholeRows` gives them, NULL as null.
 *
 * @throws RangeError when a row is longer than a string can be
 */
export function* decodeRows(rows: Buffer): Generator<(string | null)[]> {
  for (let start = 0; start < rows.length; ) {
    const end = sliceEnd(rows, start);
    const text = latin1(rows.subarray(start, end));
    for (let from = 0; from < text.length; ) {
      const to = text.indexOf('\n', from);
      yield splitFields(text.slice(from, to)).map(decodeField);
      from = to + 1;
    }
    start = end;
  }
}

/** Behind the last row that fits into a slice, or behind the first row when none does. */
function sliceEnd(rows: Buffer, start: number): number {
  if (rows.length - start <= sliceBytes) return rows.length;
  const last = rows.lastIndexOf(lineFeed, start + sliceBytes);
  return (last >= start ? last : rows.indexOf(lineFeed, start + sliceBytes)) + 1;
}

function latin1(bytes: Buffer): string {
  try {
    return bytes.toString('latin1');
  } catch {
    throw new RangeError('a row is longer than a string can be');
  }
}

/** Cut at each tab, but not at one that a backslash makes part of a value. */
function splitFields(row: string): string[] {
  const fields = row.split('\t');
  if (!row.includes('\\\t')) return fields;
  const whole: string[] = [];
  let open = '';
  for (const field of fields) {
    open += field;
    const backslashes = /\\*$/.exec(field)![0].length;
    if (backslashes % 2 === 1) open += '\t';
    else {
      whole.push(open);
      open = '';
    }
  }
  if (open !== '') whole.push(open.slice(0, -1));
  return whole;
}

/** What a field of COPY text stands for; null for `\N`. */
function decodeField(field: string): string | null {
  let at = field.indexOf('\\');
  if (at < 0) return field;
  if (field === '\\N') return null;
  let text = '';
  let from = 0;
  for (; at >= 0; at = field.indexOf('\\', from)) {
    text += field.slice(from, at);
    const character = field[at + 1] ?? '';
    const letter = letters[character];
    from = at + 2;
    if (letter !== undefined) text += letter;
    else if (character >= '0' && character <= '7') {
      const digits = octalDigits.exec(field.slice(at + 1, at + 4))![0];
      text += String.fromCharCode(Number.parseInt(digits, 8) & 0xff);
      from = at + 1 + digits.length;
    } else if (character === 'x' && hexDigits.test(field[at + 2] ?? '')) {
      const digits = hexDigits.exec(field.slice(at + 2, at + 4))![0];
      text += String.fromCharCode(Number.parseInt(digits, 16));
      from = at + 2 + digits.length;
    } else text += character;
  }
  return text + field.slice(from);
}
