import { resolveReferences } from '../config/references.ts';
import type { Config } from '../config/schema.ts';

/** Finds an address when it is needed and not before: that it is not set must never stop a backup. */
export type Address = () => string;

/**
 * Where the heartbeat of a database goes; null when none is configured. `{database}` in the address stands for its name,
 * so that each can have a check of its own.
 */
export function heartbeatOf({ alerts }: Pick<Config, 'alerts'>, database: string, env: NodeJS.ProcessEnv) {
  const reference = alerts['heartbeat-url'];
  if (reference === undefined) return null;
  return () => resolveReferences(reference, 'alerts.heartbeat-url', env).replaceAll('{database}', database);
}

/** Null when none is configured. */
export function webhookOf({ alerts }: Pick<Config, 'alerts'>, env: NodeJS.ProcessEnv): Address | null {
  const reference = alerts['webhook-url'];
  return reference === undefined ? null : () => resolveReferences(reference, 'alerts.webhook-url', env);
}
