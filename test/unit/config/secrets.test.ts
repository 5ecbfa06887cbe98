import { describe, expect, test } from 'vitest';
import { resolveReferences } from '../../../src/config/references.ts';
import { ConfigError } from '../../../src/lib/errors.ts';
import { load, minimal, refusal, withUrl } from '../../support/config-file.ts';

const secret = 'hunter2xyzzy';

describe('a literal password is refused, and not repeated', () => {
  test.each([
    `postgres://ada:${secret}@db.example/crm`,
    `postgresql://ada:${secret}@db.example:5432/crm?sslmode=require`,
    `POSTGRES://ada:${secret}@db.example/crm`,
    `postgres://:${secret}@db.example/crm`,
    `postgres://ada:${secret}@h1:5432,h2:5432/crm`,
    `postgres://ada:${secret}@[::1]:5432/crm`,
    `postgres://ada:${secret}/more@db.example/crm`,
    `postgres://ada:${secret}?more@db.example/crm`,
    `postgres://ada:${secret}#more@db.example/crm`,
    `postgres://ada:a@${secret}@db.example/crm`,
    `postgres://ada:a:${secret}@db.example/crm`,
    'postgres://ada:4711@db.example/crm',
    `postgres://ada:\${PASSWORD}${secret}@db.example/crm`,
    `\${USER}:${secret}@db.example/crm`,
    `\${PREFIX}ada:${secret}@db.example/crm`,
    `postgres://ada:$\{not a name}${secret}@db.example/crm`,
    `postgres://ada:$PASSWORD@db.example/crm`,
    `postgres://db.example/crm?user=ada&password=${secret}`,
    `postgres://ada@db.example/crm?password=${secret}&sslmode=require`,
    `postgres://ada@db.example/crm?sslmode=require&PASSWORD=${secret}`,
    `postgres://ada@db.example/crm?sslpassword=${secret}`,
    `postgres:///crm?host=/run/postgresql&password=${secret}`,
    `host=db.example user=ada password=${secret} dbname=crm`,
    `password = '${secret}' host=db.example`,
  ])('%s', (url) => {
    const error = refusal(withUrl(url));
    expect(error.message).toContain('databases.crm.url holds a password in the file');
    expect(`${error.message} ${error.hint}`).not.toContain(secret);
  });

  test.each([
    '${DATABASE_URL}',
    'postgres://ada:${PASSWORD}@db.example/crm',
    'postgres://${USER}:${PASSWORD}@${HOST}:5432/crm',
    'postgres://ada@db.example/crm?password=${PASSWORD}',
    'postgres://ada@db.example:5432/crm',
    'postgres://db.example:5432/crm?application_name=a@b',
    'postgres://ada:@db.example/crm',
    'postgres:///crm?host=/run/postgresql',
    'postgres://ada@[::1]:5432/crm?application_name=a@b',
    'host=db.example user=ada',
  ])('%s has none', (url) => {
    expect(load(withUrl(url)).config.databases['crm']!.url).toBe(url);
  });
});

describe('a reference to the environment', () => {
  const urlOf = (url: string, env: NodeJS.ProcessEnv) =>
    resolveReferences(
      (load(withUrl(url)).config.databases['crm'] as { url: string }).url,
      'databases.crm.url',
      env,
    );

  test('that is the whole URL is taken as it is', () => {
    const url = 'postgres://ada:p%40ss$&$1@db.example/crm?a=b#c';
    expect(urlOf('${DATABASE_URL}', { DATABASE_URL: url })).toBe(url);
  });

  test('that is a part of the URL is percent-encoded', () => {
    const env = { USER: 'ada@crm', PASSWORD: "p@ss/w:o?r#d%$& '\\é" };
    const url = urlOf('postgres://${USER}:${PASSWORD}@db.example/crm', env);
    const parsed = new URL(url);
    expect(parsed.host).toBe('db.example');
    expect(decodeURIComponent(parsed.password)).toBe(env.PASSWORD);
    expect(decodeURIComponent(parsed.username)).toBe(env.USER);
  });

  test.each([undefined, ''])('that is not set (%j) is refused by its name', (value) => {
    const env = value === undefined ? {} : { PASSWORD: value };
    const work = () => urlOf('postgres://ada:${PASSWORD}@db.example/crm', env);
    expect(work).toThrow(ConfigError);
    expect(work).toThrow(/databases\.crm\.url refers to \$\{PASSWORD\}, which is not set/);
  });

  test('is not looked up before it is needed', () => {
    expect(load(minimal).config.databases['crm']!.url).toBe('${DATABASE_URL}');
  });

  test.each(['${MY-DATABASE}', '${}', '${DATABASE_URL', '${1ST}', 'postgres://${ HOST }/crm'])(
    'must be a name: %s',
    (url) => {
      expect(refusal(withUrl(url)).message).toContain('no name of an environment variable');
    },
  );
});

describe('no refusal repeats a value', () => {
  const values = [
    secret,
    `!${secret}`,
    `*${secret}`,
    `&${secret} x`,
    `%${secret}`,
    `@${secret}`,
    `"\\${secret}"`,
    `"${secret}`,
  ];
  const broken = [
    `[${secret}`,
    `{a: ${secret}`,
    `'${secret}' x`,
    `x: ${secret}`,
    `${secret}: x: y`,
    `- ${secret}`,
    `"a" "${secret}"`,
  ];
  const places = ['${DATABASE_URL}', 'backups', 'off', 'directory'];

  test.each(places)('in the place of %s', (place) => {
    for (const value of [...values, ...broken, `\n${secret}`, `|\n${secret}`, `{ recipients: ${secret} }`]) {
      let said = '';
      try {
        load(minimal.replace(place, () => value));
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        said = `${(error as ConfigError).message} ${(error as ConfigError).hint}`;
      }
      expect(said).not.toContain(secret);
    }
  });
});
