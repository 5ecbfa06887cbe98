/** An answer of S3 that is an error. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  /** Further elements of the XML, such as the region of the bucket. */
  readonly elements: Record<string, string>;

  constructor(
    status: number,
    code: string,
    message = code,
    {
      headers = {},
      elements = {},
    }: { headers?: Record<string, string>; elements?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.elements = elements;
  }
}

export interface Answer {
  status: number;
  headers: Record<string, string | number>;
  /** XML or the bytes of an object. */
  body: string | AsyncIterable<Buffer> | null;
}

type Value = string | number | boolean | null | Tree | Tree[];
interface Tree {
  [name: string]: Value;
}

/** Elements of the names and values given; an array is the element repeated; null is left out. */
export function xml(root: string, tree: Tree): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner(tree)}</${root}>`;
}

function inner(tree: Tree): string {
  return Object.entries(tree)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((each) => [name, each] as const) : [[name, value] as const],
    )
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        `<${name}>${typeof value === 'object' ? inner(value as Tree) : escaped(String(value))}</${name}>`,
    )
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export const answer = (
  status: number,
  headers: Answer['headers'] = {},
  body: Answer['body'] = null,
): Answer => ({
  status,
  headers,
  body,
});
