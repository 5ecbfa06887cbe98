const special = /[",\r\n]/;

/**
 * A row of CSV, to the byte as PostgreSQL's `COPY … (FORMAT csv)` writes it: RFC 4180 with a line feed at the end, quotes
 * only where needed, NULL as nothing and the empty text as `""`.
 */
export function csvRow(fields: readonly (string | null)[]): string {
  const isAlone = fields.length === 1;
  return `${fields.map((field) => csvField(field, isAlone)).join(',')}\n`;
}

function csvField(field: string | null, isAlone: boolean): string {
  if (field === null) return '';
  // Alone on its line, servers before 18 take it for the end of the data.
  const isEnd = isAlone && field === '\\.';
  return field === '' || isEnd || special.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
