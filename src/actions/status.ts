import { resolve } from 'node:path';
import { alert, alertChannels } from '../alert.ts';
import { stateWords } from '../notify/public-text.ts';
import { statusSettings } from '../open.ts';
import { status } from '../status.ts';
import { flag, text } from './inputs.ts';
import { runAction } from './run.ts';

/** `actions/status`: evaluates the ledger, writes status.json, and tells people when health has changed. */

const marks = { good: '✅', warning: '⚠️', critical: '❌' } as const;

await runAction({
  title: 'Status',
  writes: false,
  inputs: { out: text, alert: flag },
  async run({ inputs, config, deps, env, output, summarise }) {
    const outDir = inputs.out ? resolve(env['GITHUB_WORKSPACE'] ?? '.', inputs.out) : null;
    output('health', 'critical');
    const { health, facts } = await status(deps, {
      ...statusSettings(config),
      outDir,
      site: false,
    });
    output('health', health.state);
    output('valid-until', health.validUntil);
    output('status-file', outDir && resolve(outDir, 'status.json'));
    output('report', JSON.stringify(health));
    const told = inputs.alert ? await alert(deps, { health, facts, ...alertChannels(config, env) }) : [];
    summarise({
      verdict: stateWords[health.state],
      mark: marks[health.state],
      rows: [
        ...health.reasons.map((reason): [string, string] => [
          `${reason.state}: ${reason.database ?? 'all'}`,
          reason.text,
        ]),
        ...told.map(({ database, channel, event, problem }): [string, string] => [
          `${channel} about ${database}`,
          problem === null ? event : 'could not be sent, see the log',
        ]),
      ],
      links: told.flatMap(({ database, url }) => (url ? [{ text: `Issue about ${database}`, url }] : [])),
    });
  },
});
