import { connect, disconnect } from '../../src/source/postgres/connect.ts';
import { runPgDump } from '../../src/source/postgres/pg-dump.ts';

/** pg_dump's text of a database's schema, without the key that differs in every run: an oracle for schema equality. */
export async function schemaText(url: string): Promise<string> {
  const connected = await connect({ url, label: 'the oracle' });
  try {
    const name = decodeURIComponent(new URL(url).pathname.slice(1));
    const { script } = await runPgDump(connected, ['--schema-only', '--encoding=UTF8', name]);
    return script.toString('utf8').replaceAll(/^\\(un)?restrict \w{20,}$/gm, '');
  } finally {
    await disconnect(connected.client);
  }
}
