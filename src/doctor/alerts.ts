import type { LoadedConfig } from '../config/check.ts';
import { heartbeatOf, webhookOf } from '../notify/addresses.ts';
import { ping } from '../notify/heartbeat.ts';
import type { Outside } from '../notify/post.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Whether each heartbeat can be reached: `/log` is noted there and changes no state. */
export async function checkHeartbeats(
  config: LoadedConfig,
  databases: readonly string[],
  env: NodeJS.ProcessEnv,
  outside: Outside = {},
): Promise<Finding[]> {
  const about = 'heartbeat';
  const addresses = databases.flatMap((database) => heartbeatOf(config, database, env)?.() ?? []);
  if (addresses.length === 0) {
    const text = 'There is none: if the schedule dies, nothing outside of GitHub notices.';
    return [
      warning(about, text, 'Set alerts: heartbeat-url, for example of healthchecks.io (docs/alerts.md).'),
    ];
  }
  const different = [...new Set(addresses)];
  const findings: Finding[] = [];
  for (const address of different) {
    const failure = await ping(address, 'log', null, outside).then(
      () => null,
      (error: Error) => error,
    );
    if (failure === null) findings.push(ok(about, 'It can be reached.'));
    else findings.push(warning(about, failure.message, unreachable));
  }
  if (different.length < Object.keys(config.databases).length && databases.length > 1) {
    const text = 'All databases share one: a success of one hides the failure of another.';
    findings.push(warning(about, text, 'Put {database} into its address, and make a check for each.'));
  }
  return findings;
}

const unreachable =
  'Check the secret behind alerts: heartbeat-url. A service other than healthchecks.io may not know /log, and answers 404: see there whether the last backup was noted.';

/** A webhook can't be tried without telling people something. */
export function checkWebhook(config: LoadedConfig, env: NodeJS.ProcessEnv): Finding[] {
  const about = 'webhook';
  const address = webhookOf(config, env)?.();
  if (address === undefined) return [];
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol))
    return [ok(about, 'Its address is set. Nothing was sent to it.')];
  return [
    problem(about, 'Its address is no http or https URL.', 'Mend the secret behind alerts: webhook-url.'),
  ];
}
