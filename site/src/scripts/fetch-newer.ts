import type { Judgement } from './judgement.ts';

/**
 * Fetches the status document that is published now. Throws when there is none to be had, or when it is not what this
 * page understands: then the page goes on with what it has, which ages.
 *
 * @returns the newer judgement; null when the published one is no newer
 */
export async function fetchNewer(known: Judgement): Promise<Judgement | null> {
  const response = await fetch(known.statusUrl, { cache: 'no-cache', credentials: 'omit' });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const { version, generatedAt, policy, facts } = await response.json();
  if (version !== 1 || !Array.isArray(facts) || !(Date.parse(generatedAt) > 0))
    throw new Error('unknown form');
  if (Date.parse(generatedAt) <= Date.parse(known.generatedAt)) return null;
  // A database that is configured no more has no facts, and no facts are Critical.
  const own = facts.filter((each) => known.database === null || each.database === known.database);
  return { ...known, generatedAt, policy, facts: own };
}
