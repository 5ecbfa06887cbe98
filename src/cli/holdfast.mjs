import module from 'node:module';
import { join } from 'node:path';

// Plain JavaScript, so that an old Node gets as far as saying what is wrong.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `Holdfast needs Node 24; this is ${process.version}.\n` +
      'Run it as "npm run -s holdfast -- …" after "npm ci" (which brings Node 24 on Linux x64), or install Node 24.\n',
  );
  process.exit(2);
}
// Half of the time until the first line is reading modules. Not in the system's folder for temporary files: what lies there
// is run, and others may write to it.
module.enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/holdfast'));
// A diagnostic report of Node, as --report-on-fatalerror writes one, would hold every variable, and so every secret.
process.report.excludeEnv = true;
const { collectLess } = await import('../lib/collect-less.ts');
collectLess();
await import('./main.ts');
