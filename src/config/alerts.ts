import { z } from 'zod';
import { secretReference } from './secret.ts';

/** `alerts:` in `holdfast.yml`. An address may hold a token, so it is a secret. */
export const alertsSchema = z.strictObject({
  /** One issue per incident in the repository, when run by GitHub Actions. */
  issue: z.boolean().default(true),
  /** Pinged at the start and end of each backup, as healthchecks.io has it: `/start` and `/fail` are added. */
  'heartbeat-url': secretReference.optional(),
  /** Takes `{"text": …}`, as Slack does. */
  'webhook-url': secretReference.optional(),
});
