import { readFileSync } from 'node:fs';

/** The commands of a document, as it has them. */

export interface Block {
  /** The heading above it. */
  section: string;
  text: string;
  /** Line in the document. */
  line: number;
  /** It says of itself that it can only be run with GitHub. */
  needsGitHub: boolean;
}

const mark = '# needs GitHub';

/** All fenced blocks of shell commands of a document, in order; those within lists too. */
export function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: { indent: string; lines: string[]; line: number } | null = null;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const fence = /^( *)```(\w*)/.exec(line);
    if (open && fence) {
      const text = open.lines.join('\n');
      blocks.push({ section, text, line: open.line, needsGitHub: text.startsWith(mark) });
      open = null;
    } else if (open) open.lines.push(line.slice(open.indent.length));
    else if (fence?.[2] === 'sh') open = { indent: fence[1]!, lines: [], line: index + 1 };
    else if (line.startsWith('## ')) section = line.slice(3);
  }
  return blocks;
}

/** What somebody has to fill in: `export NAME=… # yours`. */
export const fillIn = /^export (\w+)=.*# yours: .+$/gm;

/**
 * A block with the values of a test in the lines that are to be filled in, and nothing else changed.
 *
 * @throws when the document asks for a value that the test does not have
 */
export function filledIn({ text, section, line }: Block, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(fillIn, (_, name: string) => {
    if (values[name] === undefined) throw new Error(`line ${line}, ${section}: no value for ${name}`);
    return `export ${name}='${values[name]}'`;
  });
}
