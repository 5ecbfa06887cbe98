/**
 * An array as PostgreSQL writes it, as a JSON array; several dimensions are arrays of arrays.
 *
 * @param elementToJson is given each element that is not NULL
 * @returns null for an array that JSON's would not describe: one with bounds of its own, such as `[0:1]={1,2}`
 */
export function arrayToJson(literal: string, elementToJson: (text: string) => string): string | null {
  if (!literal.startsWith('{')) return null;
  let json = '';
  for (let at = 0; at < literal.length; ) {
    const character = literal[at]!;
    if (character === '"') {
      const end = quoteEnd(literal, at + 1);
      json += elementToJson(literal.slice(at + 1, end).replace(/\\([\s\S])/g, '$1'));
      at = end + 1;
    } else if (character === ',') {
      json += ',';
      at += 1;
    } else if (character === '{' || character === '}') {
      json += character === '{' ? '[' : ']';
      at += 1;
    } else {
      const end = bareEnd(literal, at);
      const text = literal.slice(at, end);
      json += text === 'NULL' ? 'null' : elementToJson(text);
      at = end;
    }
  }
  return json;
}

function quoteEnd(literal: string, from: number): number {
  for (let at = from; at < literal.length; at++) {
    if (literal[at] === '\\') at += 1;
    else if (literal[at] === '"') return at;
  }
  return literal.length;
}

function bareEnd(literal: string, from: number): number {
  let at = from;
  while (at < literal.length && !',{}"'.includes(literal[at]!)) at += 1;
  return at;
}
