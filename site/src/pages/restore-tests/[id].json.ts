import type { APIRoute } from 'astro';
import { type RestoreTest, status } from '../../status.ts';

/** The receipt of a restore test for programs: the ledger's record of it. */
export function getStaticPaths() {
  return status.databases.flatMap(({ database, restoreTests }) =>
    restoreTests.map((test) => ({ params: { id: test.id }, props: { version: 1, database, ...test } })),
  );
}

export const GET: APIRoute<RestoreTest & { database: string }> = ({ props }) => Response.json(props);
