// Counts the tests of the last run from vitest's report, and fails where one was skipped that had what it needs.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync('test/artifacts/results.json', 'utf8'));
const skipped = report.testResults.flatMap((file) =>
  file.assertionResults
    .filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status))
    .map((test) => ({ file: file.name, test: test.fullName })),
);
// Only the corpus may be absent: it is not part of the repository.
const excused = (file) => !process.env.HOLDFAST_CORPUS && file.endsWith('corpus.test.ts');
const unexcused = skipped.filter(({ file }) => !excused(file));
for (const { file, test } of unexcused) process.stdout.write(`skipped: ${file}: ${test}\n`);
process.stdout.write(
  `${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped.length} skipped\n`,
);
if (report.numPassedTests === 0 || report.numFailedTests > 0 || unexcused.length > 0) process.exit(1);
