import type { Comparison } from './compare-content.ts';

/**
 * What differs in the database itself, such as its owner or a setting, is told with the reason and does not refute its
 * content: the place it was restored to may not take the property.
 */
export function explainDatabaseProperties(comparison: Comparison, explanation: string): Comparison {
  const { schema } = comparison;
  if (schema.verdict !== 'different') return comparison;
  const differences = schema.differences.map((difference) =>
    difference.explanation === null && difference.key.includes('this database')
      ? { ...difference, explanation }
      : difference,
  );
  if (differences.some((difference) => difference.explanation === null)) {
    return { ...comparison, schema: { verdict: 'different', differences } };
  }
  return {
    ...comparison,
    schema: { verdict: 'explained', differences },
    contentRoot: { ...comparison.contentRoot, actual: comparison.contentRootWithSourceSchema },
  };
}
