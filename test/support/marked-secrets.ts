import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Secrets that can be recognised, and places to look for them. */

/** Every way in which a secret may be written down. */
function writtenAs(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
  ];
}

/** The names of the secrets that a text holds. */
export function secretsIn(text: string, secrets: Record<string, string>): string[] {
  return Object.keys(secrets).filter((name) => writtenAs(secrets[name]!).some((form) => text.includes(form)));
}

/** Every file below a folder, with its name, as text of one byte a character. */
export async function everyFile(folder: string): Promise<{ name: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (name) => ({ name, text: await readFile(name, 'latin1') })));
}

/** Looks at the command lines of all processes again and again until it is stopped; `stop` tells which held a secret. */
export function watchCommandLines(secrets: Record<string, string>) {
  const found = new Set<string>();
  let looks = 0;
  let isStopped = false;
  const look = async () => {
    while (!isStopped) {
      const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      for (const id of processes) {
        const line = await readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '');
        for (const name of secretsIn(line, secrets)) found.add(`${name} in the arguments of a process`);
      }
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const looking = look();
  return {
    async stop() {
      isStopped = true;
      await looking;
      return { looks, found: [...found] };
    },
  };
}
