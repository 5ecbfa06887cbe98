import type pg from 'pg';
import type { NotCarried } from './catalog.ts';

/** pg_dump leaves all subscriptions out for a role that is no superuser, and says so only on stderr. */
export async function omittedSubscriptions(client: pg.ClientBase): Promise<NotCarried[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT subname::text AS name FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND current_setting('is_superuser') = 'off'
    ORDER BY 1`);
  return rows.map(({ name }) => ({
    kind: 'subscription',
    name,
    reason: 'pg_dump writes subscriptions for superusers only',
  }));
}
