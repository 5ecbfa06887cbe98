import { expect, test } from 'vitest';
import { checkEntries } from '../../../src/archive/check-entries.ts';
import { type DumpPart, readDump } from '../../../src/archive/read-dump.ts';
import { IntegrityError } from '../../../src/lib/errors.ts';
import { failureOf, streamOf } from '../../support/pieces.ts';
import { identity, makeSmallArchive, seal } from '../../support/small-archive.ts';
import { makeEntries, makeManifest, manifestEntry } from '../../support/small-dump.ts';

/** An archive is read twice where its scripts are run. What comes the second time must be what was checked the first. */

const sound = await makeSmallArchive();
const identities = [identity];
const { receipt } = sound;
const entries = await checkEntries(streamOf(sound.bytes), { receipt, identities });

/** The same id, another script. */
async function makeOther() {
  const changed = (await makeEntries()).map((entry) =>
    entry.name === 'schema/pre-data.sql'
      ? { ...entry, bytes: Buffer.from('DROP TABLE customers;\n') }
      : entry,
  );
  const manifest = makeManifest(changed);
  return seal([...changed, manifestEntry(manifest)], manifest);
}

test('the same archive is given out as always', async () => {
  const parts: DumpPart[] = [];
  for await (const part of readDump(streamOf(sound.bytes), { receipt, identities, entries }))
    parts.push(part);
  expect(parts.at(-1)).toMatchObject({ kind: 'manifest', manifest: { entries } });
});

test('of another one nothing that differs is given out', async () => {
  const other = await makeOther();
  const given: DumpPart[] = [];
  const read = async () => {
    for await (const part of readDump(streamOf(other.bytes), { receipt, identities, entries }))
      given.push(part);
  };
  const error = await failureOf(read());
  expect(error).toBeInstanceOf(IntegrityError);
  expect(error.message).toContain('schema/pre-data.sql is not the one that was read a moment ago');
  expect(JSON.stringify(given)).not.toContain('DROP TABLE');
});

test('the check itself refuses bytes that are not those of the receipt', async () => {
  const other = await makeOther();
  const error = await failureOf(checkEntries(streamOf(other.bytes), { receipt, identities }));
  expect(error).toBeInstanceOf(IntegrityError);
});
