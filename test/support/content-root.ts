import { contentRoot } from '../../src/archive/manifest.ts';
import { nowhere, planReads, readRows } from '../../src/dump/rows.ts';
import { readCatalog } from '../../src/source/postgres/catalog.ts';
import { connect, disconnect } from '../../src/source/postgres/connect.ts';
import { takeFingerprint } from '../../src/source/postgres/fingerprint/fingerprint.ts';
import { readLargeObjects } from '../../src/source/postgres/large-objects.ts';
import { readSequences } from '../../src/source/postgres/sequences.ts';

/** The content root of a database as it is now: what must not change when something that should be undone is undone. */
export async function contentRootOf(url: string): Promise<string> {
  const { client } = await connect({ url, label: 'the test database' });
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { tables } = await readCatalog(client, []);
    const entries = tables.map((table, index) => ({
      entry: { ...table, ordinal: index + 1, copy: '' },
      sizeBytes: table.sizeBytes,
    }));
    const read = await readRows(
      [client],
      planReads(entries),
      () => nowhere,
      () => {},
    );
    return contentRoot({
      fingerprint: (await takeFingerprint(client)).hash,
      tables: read.map(({ entry: { ordinal, schema, name, columns }, rows, digest, rawBytes }) => ({
        ordinal,
        schema,
        name,
        columns,
        rows,
        digest,
        rawBytes,
      })),
      sequences: await readSequences(client),
      largeObjects: await readLargeObjects(client, null),
    });
  } finally {
    await disconnect(client);
  }
}
