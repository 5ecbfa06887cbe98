import { describe, expect, test } from 'vitest';
import { compareFingerprints } from '../../src/restore/compare-schema.ts';
import type { Fingerprint } from '../../src/source/postgres/fingerprint/fingerprint.ts';

const table = { 'pg_class|public.t': { relkind: 'r', relowner: 'crm', reloptions: ['fillfactor=80'] } };

describe('compareFingerprints', () => {
  test('the same entries in another order are equal', () => {
    const one = fingerprint({ ...table, 'pg_class|public.u': { relkind: 'r' } });
    const other = fingerprint({ 'pg_class|public.u': { relkind: 'r' }, ...table });
    expect(compareFingerprints(one, other)).toEqual({ verdict: 'equal', differences: [] });
  });

  test('missing, extra and changed are told apart, with both values', () => {
    const source = fingerprint({ ...table, 'pg_class|public.lost': { relkind: 'v' } });
    const restored = fingerprint({
      'pg_class|public.t': { relkind: 'r', relowner: 'crm', relhasoids: true },
      'pg_type|public.new': {},
    });
    const difference = { attribute: null, source: null, restored: null, explanation: null };
    expect(compareFingerprints(source, restored)).toEqual({
      verdict: 'different',
      differences: [
        { ...difference, key: 'pg_class|public.lost', kind: 'missing', source: { relkind: 'v' } },
        { ...difference, key: 'pg_class|public.t', kind: 'changed', attribute: 'relhasoids', restored: true },
        {
          ...difference,
          key: 'pg_class|public.t',
          kind: 'changed',
          attribute: 'reloptions',
          source: ['fillfactor=80'],
        },
        { ...difference, key: 'pg_type|public.new', kind: 'extra', restored: {} },
      ],
    });
  });

  test('a large object of a low number is new to an old fingerprint only', () => {
    const low = { 'pg_largeobject_metadata|5000': { lomowner: 'crm' } };
    const other = { 'pg_largeobject_metadata|5001': { lomowner: 'crm' } };
    const high = { 'pg_largeobject_metadata|20000': { lomowner: 'crm' } };
    const verdict = (source: object, restored: object) =>
      compareFingerprints(fingerprint({ ...table, ...source }), fingerprint({ ...table, ...restored }))
        .verdict;
    expect(verdict({}, low)).toBe('explained');
    expect(verdict(high, { ...high, ...low })).toBe('explained');
    expect(verdict(low, {})).toBe('different');
    expect(verdict(other, { ...other, ...low })).toBe('different');
    expect(verdict({}, high)).toBe('different');
  });

  test('a missing entry of no attributes is missing all the same', () => {
    const source = fingerprint({ 'pg_user_mapping|server': {} });
    expect(compareFingerprints(source, fingerprint({})).verdict).toBe('different');
  });

  test('what belongs to the database or server it was restored on is explained', () => {
    const source = fingerprint({
      'environment|pg_database this database': { datcollate: 'sv_SE.UTF-8' },
      'environment|pg_extension citext': { extversion: '1.5', extowner: 'crm' },
    });
    const restored = fingerprint({
      'environment|pg_database this database': { datcollate: 'C.UTF-8' },
      'environment|pg_extension citext': { extversion: '1.6', extowner: 'postgres' },
    });
    expect(reasons(source, restored)).toEqual([
      expect.stringContaining('when the restored database was created'),
      expect.stringContaining('belongs to whoever created it'),
      expect.stringContaining('own default version'),
    ]);
  });

  test('an extension that is missing is not explained by its version being missing', () => {
    const source = fingerprint({
      'environment|pg_extension citext': { extversion: '1.5' },
      'pg_extension|citext': {},
      'pg_proc|public.citext_eq': { extension: 'citext' },
    });
    expect(compareFingerprints(source, fingerprint({})).verdict).toBe('different');
    expect(reasons(source, fingerprint({}))).toEqual([null, null, null]);
  });

  test('another version of an extension explains its members, but not their privileges', () => {
    const side = (extversion: string, cost: number, proacl: string[]) =>
      fingerprint({
        'environment|pg_extension citext': { extversion },
        'pg_proc|public.citext_eq': { extension: 'citext', procost: cost, proacl },
      });
    expect(reasons(side('1.5', 1, ['+a=X/b']), side('1.6', 2, []))).toEqual([
      expect.any(String),
      null,
      'part of extension citext, which is 1.5 in the source and 1.6 here',
    ]);
    expect(reasons(side('1.6', 1, []), side('1.6', 2, []))).toEqual([null]);
  });

  test('a catalog that one role could not read is said to be unread, never equal', () => {
    const closed = { ...fingerprint({}), unreadable: ['pg_user_mapping', 'pg_subscription.subconninfo'] };
    const open = fingerprint({
      'pg_user_mapping|clerk, server': {},
      'pg_subscription|s': { subconninfo: 'sha256:x' },
    });
    expect(compareFingerprints(closed, fingerprint({})).verdict).toBe('explained');
    const comparison = compareFingerprints(closed, open);
    // The column is excused, the subscription itself is not.
    expect(comparison.verdict).toBe('different');
    expect(
      comparison.differences.filter(({ explanation }) => explanation === null).map(({ key }) => key),
    ).toEqual(['pg_subscription|s']);
  });

  test('column order: only the order that a dump of an inheritance child gives', () => {
    const side = (columns: string[], inherits: boolean) =>
      fingerprint({
        'pg_attribute|a of public.parent': { attnum: 1 },
        'pg_attribute|"b of" of public.parent': { attnum: 2 },
        ...Object.fromEntries(
          columns.map((name, index) => [`pg_attribute|${name} of public.child`, { attnum: index + 1 }]),
        ),
        ...(inherits ? { 'pg_inherits|public.child, 1': { inhparent: 'public.parent' } } : {}),
      });
    const source = ['x', '"b of"', 'y', 'a'];
    const verdict = (restored: string[], inherits = true) =>
      compareFingerprints(side(source, inherits), side(restored, inherits)).verdict;
    expect(verdict(['a', '"b of"', 'x', 'y'])).toBe('explained');
    expect(verdict(['a', '"b of"', 'y', 'x'])).toBe('different');
    expect(verdict(['"b of"', 'a', 'x', 'y'])).toBe('different');
    expect(verdict(['a', '"b of"', 'x'])).toBe('different');
    expect(verdict(['a', '"b of"', 'x', 'y'], false)).toBe('different');
  });

  test('a subscription may come back disabled, not enabled', () => {
    const on = fingerprint({ 'pg_subscription|s of this database': { subenabled: true } });
    const off = fingerprint({ 'pg_subscription|s of this database': {} });
    expect(compareFingerprints(on, off).verdict).toBe('explained');
    expect(compareFingerprints(off, on).verdict).toBe('different');
  });

  test('privileges of a function that a range type made are explained, of others not', () => {
    const side = (proacl: string[], made: boolean) =>
      fingerprint({
        'pg_proc|public.span(integer, integer)': { proacl },
        ...(made
          ? { 'pg_depend|pg_proc public.span(integer, integer) on pg_type public.span': { deptype: 'i' } }
          : {}),
      });
    expect(compareFingerprints(side(['-PUBLIC=X/(owner)'], true), side([], true)).verdict).toBe('explained');
    expect(compareFingerprints(side(['-PUBLIC=X/(owner)'], false), side([], false)).verdict).toBe(
      'different',
    );
  });
});

function reasons(source: Fingerprint, restored: Fingerprint): (string | null)[] {
  return compareFingerprints(source, restored).differences.map((difference) => difference.explanation);
}

function fingerprint(entries: Record<string, Record<string, unknown>>): Fingerprint {
  return {
    version: 1,
    serverMajor: 18,
    hash: 'sha256:',
    entries: Object.entries(entries).map(([key, attributes]) => ({ key, attributes })),
    census: {},
    unreadable: [],
  };
}
