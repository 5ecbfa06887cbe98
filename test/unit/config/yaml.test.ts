import { describe, expect, test } from 'vitest';
import { minimal, refusal } from '../../support/config-file.ts';

describe('what is not YAML says in which line', () => {
  test.each([
    ['a tab', minimal.replace('  crm', '\tcrm'), 3],
    ['an open bracket', `${minimal}ledger: [`, 10],
    ['an open quote', minimal.replace('path: backups', 'path: "backups'), 10],
    ['a key twice', `${minimal}encryption: off`, 10],
    ['two documents', `${minimal}---\na: 1`, 10],
    ['a tag that means nothing', minimal.replace('${DATABASE_URL}', '!secret DATABASE_URL'), 4],
  ])('%s', (_, text, line) => {
    expect(refusal(text).message).toContain(`holdfast.yml:${line} is not YAML: `);
    expect(refusal(text).message).toMatch(/[^:]\. Nothing was/);
  });

  test('an alias without its anchor, and one that multiplies without end', () => {
    expect(refusal(minimal.replace('${DATABASE_URL}', '*url')).message).toContain('anchor');
    const levels = 'abcdefghi'.split('').map((name, index, all) => {
      const before = index === 0 ? '1' : `*${all[index - 1]}`;
      return `${name}: &${name} [${Array(9).fill(before).join(', ')}]`;
    });
    expect(refusal(levels.join('\n')).message).toContain('anchor');
  });
});
