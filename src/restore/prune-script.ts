import { unquote } from '../source/postgres/fingerprint/privileges.ts';
import type { Standing } from './clear-target.ts';

const identifier = `(?:"(?:[^"]|"")*"|[^ ";]+)`;
const literal = String.raw`(?:E?'(?:[^'\\]|''|\\.)*'|NULL)`;
/** pg_dump writes this above every entry; the statement must follow at once, so that no text inside a function is taken for one. */
const header = (name: string, type: string) =>
  `^-- Name: ${name}; Type: ${type}; Schema: -; [^\\n]*\\n--\\n\\n`;

const schema = new RegExp(`${header('[^\\n]*', 'SCHEMA')}CREATE SCHEMA (${identifier});\\n`, 'gm');
const schemaComment = new RegExp(
  `${header('SCHEMA [^\\n]*', 'COMMENT')}COMMENT ON SCHEMA (${identifier}) IS ${literal};\\n`,
  'gm',
);
const schemaPrivileges = new RegExp(
  `${header('SCHEMA [^\\n]*', 'ACL')}(?:SET SESSION AUTHORIZATION [^\\n]*;\\n)?(?:GRANT|REVOKE) [^\\n]*? ON SCHEMA (${identifier}) [^\\n]*;\\n(?:(?:GRANT|REVOKE|SET|RESET) [^\\n]*;\\n)*`,
  'gm',
);
const extensionComment = new RegExp(
  `${header('EXTENSION [^\\n]*', 'COMMENT')}COMMENT ON EXTENSION (${identifier}) IS ${literal};\\n`,
  'gm',
);

/**
 * Comments out of pg_dump's pre-data script what stands in the target already: schemas that stay, privileges and comments
 * of those that are as in the backup, and comments on extensions that stay (`restoreExtensionComments` gives those).
 */
export function withoutStanding(script: string, { extensions, schemas }: Standing): string {
  const standing = new Set(schemas.map(({ name }) => name));
  const same = new Set(schemas.filter(({ isSame }) => isSame).map(({ name }) => name));
  return (
    [
      [schema, standing],
      [schemaComment, same],
      [schemaPrivileges, same],
      [extensionComment, extensions],
    ] as const
  ).reduce(
    (text, [entry, names]) =>
      text.replaceAll(entry, (found, name: string) =>
        names.has(unquote(name)) ? found.replaceAll(/^(?!--)/gm, '-- ') : found,
      ),
    script,
  );
}
