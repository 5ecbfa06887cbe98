/** What a JSON text comes to, counted before it is parsed. Of a text that is no JSON it says something or other. */
export interface JsonMeasure {
  /** Members of all objects, those with the same name too. */
  members: number;
  /** At most so many values of any kind. */
  values: number;
  depth: number;
  /** Whether a double keeps every number as it is written. */
  isExact: boolean;
}

const codes = (characters: string) => [...characters].map((each) => each.charCodeAt(0));
const [quote, colon, comma] = codes('":,');
const [minus, zero, nine] = codes('-09') as [number, number, number];
const [openList, closeList, openObject, closeObject] = codes('[]{}');

/** In one pass and no memory, because a hostile text of 256 MB is gigabytes once it is parsed. */
export function measureJson(text: string): JsonMeasure {
  const measure: JsonMeasure = { members: 0, values: 1, depth: 0, isExact: true };
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === colon) measure.members += 1;
    else if (code === comma) measure.values += 1;
    else if (code === openList || code === openObject) {
      measure.values += 1;
      depth += 1;
      if (depth > measure.depth) measure.depth = depth;
    } else if (code === closeList || code === closeObject) depth -= 1;
    else if (code === minus || (code >= zero && code <= nine)) {
      const end = endOfNumber(text, at);
      measure.isExact &&= isExact(text.slice(at, end));
      at = end - 1;
    }
  }
  return measure;
}

/** @returns where its closing quote is; the end of the text when it has none */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && /[\d.eE+-]/.test(text[end]!)) end += 1;
  return end;
}

function isExact(number: string): boolean {
  return String(Number(number)) === number;
}
