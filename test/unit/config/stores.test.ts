import { describe, expect, test } from 'vitest';
import { load, minimal, refusal } from '../../support/config-file.ts';

const withStores = (stores: string, database = '') =>
  minimal
    .replace(/stores:[\s\S]*?(?=encryption)/, `stores:\n${stores}\n`)
    .replace('url: ${DATABASE_URL}', `url: \${DATABASE_URL}\n${database}`);
const s3 = (name: string, fields: string) => `  ${name}: { type: s3, bucket: acme, ${fields} }`;
const disk = (name: string, path: string) => `  ${name}: { type: directory, path: ${path} }`;

describe('two stores that are the same place are refused, both named', () => {
  test.each([
    ['one path', disk('a', 'backups'), disk('b', 'backups')],
    ['one path, written otherwise', disk('a', './backups'), disk('b', 'x/../backups/')],
    ['one bucket at Amazon', s3('a', ''), s3('b', 'region: eu-central-1')],
    ['one bucket and folder', s3('a', 'prefix: x/y'), s3('b', 'prefix: x/y, path-style: true')],
    [
      'one bucket at one endpoint',
      s3('a', 'endpoint: "https://s3.example.org"'),
      s3('b', 'endpoint: "https://S3.example.org:443/"'),
    ],
    ['artifacts of one repository', '  a: { type: artifact }', '  b: { type: artifact, retention-days: 80 }'],
  ])('%s', (_, one, other) => {
    const { message } = refusal(withStores(`${one}\n${other}`));
    expect(message).toContain('stores.a and stores.b are the same place: one copy of crm would count as two');
  });

  test('among three, for the database that has both', () => {
    const stores = [disk('a', 'x'), disk('b', 'y'), disk('c', 'y')].join('\n');
    expect(refusal(withStores(stores, '    stores: [c, a, b]')).message).toContain(
      'stores.c and stores.b are',
    );
  });
});

test.each([
  ['two paths', disk('a', 'x'), disk('b', 'y')],
  ['a folder in the other', disk('a', 'x'), disk('b', 'x/y')],
  ['two folders of a bucket', s3('a', ''), s3('b', 'prefix: x')],
  ['two endpoints', s3('a', ''), s3('b', 'endpoint: "https://s3.example.org"')],
])('%s are two places', (_, one, other) => {
  expect(Object.keys(load(withStores(`${one}\n${other}`)).config.stores)).toEqual(['a', 'b']);
});

test('one place may have two names when no database has both', () => {
  const stores = `${disk('a', 'x')}\n${disk('b', './x')}`;
  expect(load(withStores(stores, '    stores: [a]')).config.stores).toHaveProperty('b');
  expect(refusal(withStores(stores, '    stores: [a, b]')).message).toContain('the same place');
});

describe('a store that there is not', () => {
  const hintOf = (names: string) => {
    const { message, hint } = refusal(
      withStores(`${disk('disk', 'x')}\n${disk('offsite', 'y')}`, `    stores: ${names}`),
    );
    expect(message).toContain('databases.crm.stores: there is no store "');
    return hint;
  };

  test('has a near name, or else all are listed', () => {
    expect(hintOf('[dsk]')).toBe('Did you mean "disk"?');
    expect(hintOf('[disk, moonbase-alpha]')).toBe('There are: disk, offsite.');
    expect(hintOf('[constructor]')).toBe('There are: disk, offsite.');
  });
});

test('a rate that is a number is refused with examples', () => {
  expect(refusal(withStores(disk('disk', 'x'), '    max-rate: 20')).message).toContain(
    'databases.crm.max-rate: a size in a second such as 500kB, 20MB or 1.5GB.',
  );
});
