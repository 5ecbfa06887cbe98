import fc from 'fast-check';

/** JSON that nobody of ours wrote, for fast-check. */

/** Values that surprise: other types, prototypes, numbers beyond what is exact, deep and long. */
export const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, -1, 1e308, 2 ** 60, '', '../..', '\u0000', 'x'.repeat(5000), [], {}),
  fc.constantFrom('__proto__', 'constructor', '$(id)', "'; DROP TABLE backups; --", '<script>'),
);

/** Nested deeper than any stack is. */
export const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

/** A document with one member, at any depth, exchanged, left out or added, as JSON. */
export function patched(document: unknown): fc.Arbitrary<string> {
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) paths.push(path);
    if (value && typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(document, []);
  return fc
    .tuple(
      fc.constantFrom(...paths),
      fc.oneof({ weight: 5, arbitrary: odd }, { weight: 1, arbitrary: fc.constant(undefined) }),
      fc.constantFrom(null, '__proto__', 'extra', 'constructor'),
    )
    .map(([path, value, added]) => {
      const copy = structuredClone(document) as Record<string | number, unknown>;
      let at = copy;
      for (const key of path.slice(0, -1)) at = at[key] as typeof at;
      if (added === null) at[path.at(-1)!] = value;
      else Object.defineProperty(at, added, { value, enumerable: true, configurable: true });
      return JSON.stringify(copy);
    });
}
