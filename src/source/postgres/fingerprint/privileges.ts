/** Stands for the owner of the object, so that an object with another owner differs in its owner only. */
const owner = '(owner)';

/**
 * What was granted and revoked against the privileges an object starts with, as sorted `+grantee=letters/grantor` and
 * `-grantee=letters/grantor` (letters as in `\dp`; `*` with grant option). Empty: nothing was changed.
 *
 * @param items the object's `aclitem`s; null means its defaults
 * @param initial what it starts with: `pg_init_privs` for extensions and built-ins, else the type's defaults
 */
export function privilegeChanges(
  items: readonly string[] | null,
  defaults: readonly string[] | null,
  initial: readonly string[] | null,
  ownerName: string | null,
): string[] {
  const base = explode(initial ?? defaults ?? [], ownerName);
  const actual = explode(items ?? defaults ?? [], ownerName);
  return [
    ...grouped(
      '+',
      [...actual].filter((grant) => !base.has(grant)),
    ),
    ...grouped(
      '-',
      [...base].filter((grant) => !actual.has(grant)),
    ),
  ];
}

/** One string for each privilege: who may, by whose grant, and the letter. */
function explode(items: readonly string[], ownerName: string | null): Set<string> {
  const grants = new Set<string>();
  for (const item of items) {
    const match = /^("(?:[^"]|"")*"|[^=]*)=([a-zA-Z*]*)\/(.*)$/s.exec(item);
    if (!match) {
      grants.add(JSON.stringify([item, '']));
      continue;
    }
    const name = (role: string) => (ownerName !== null && unquote(role) === ownerName ? owner : role);
    const who = `${match[1] === '' ? 'PUBLIC' : name(match[1]!)}=/${name(match[3]!)}`;
    for (const letter of match[2]!.match(/[a-zA-Z]\*?/g) ?? []) grants.add(JSON.stringify([who, letter]));
  }
  return grants;
}

function grouped(sign: string, grants: string[]): string[] {
  const letters = new Map<string, string[]>();
  for (const grant of grants) {
    const [who, letter] = JSON.parse(grant) as [string, string];
    letters.set(who, [...(letters.get(who) ?? []), letter]);
  }
  return [...letters].map(([who, all]) => sign + who.replace('=/', `=${all.sort().join('')}/`)).sort();
}

/** A role name as `aclitem` or `pg_identify_object` writes it, without its quotes. */
export function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
