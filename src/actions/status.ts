import { resolve } from 'node:path';
import { status } from '../status.ts';
import { text } from './inputs.ts';
import { runAction } from './run.ts';

/** `actions/status`: evaluates the ledger, writes status.json, and tells people when health has changed. */

const marks = { good: '✅', warning: '⚠️', critical: '❌' } as const;

await runAction({
  title: 'Status',
  writes: false,
  inputs: { out: text },
  async run({ inputs, config, deps, env, output, summarise }) {
    const outDir = inputs.out ? resolve(env['GITHUB_WORKSPACE'] ?? '.', inputs.out) : null;
    output('health', 'critical');
    const { health } = await status(deps, {
      databases: Object.keys(config.databases),
      policy: config.health,
      outDir,
      site: false,
    });
    output('health', health.state);
    output('valid-until', health.validUntil);
    output('status-file', outDir && resolve(outDir, 'status.json'));
    output('report', JSON.stringify(health));
    summarise({
      verdict: { good: 'Good', warning: 'Warning', critical: 'Critical' }[health.state],
      mark: marks[health.state],
      rows: health.reasons.map((reason) => [`${reason.state}: ${reason.database ?? 'all'}`, reason.text]),
    });
  },
});
