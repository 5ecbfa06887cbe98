/** `"name"`, as SQL wants it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualifiedName(table: { schema: string; name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

/** `'text'` for any server setting of standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''").replaceAll('\\', '\\\\');
  return text.includes('\\') ? ` E'${quoted}'` : `'${quoted}'`;
}
