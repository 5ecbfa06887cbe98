// Plain JavaScript, so that an old Node gets as far as saying what is wrong.
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `Holdfast needs Node 24; this is ${process.version}.\n` +
      'Run it as "npm run -s holdfast -- …" after "npm ci" (which brings Node 24 on Linux x64), or install Node 24.\n',
  );
  process.exit(2);
}
await import('./main.ts');
