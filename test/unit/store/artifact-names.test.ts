import { describe, expect, test } from 'vitest';
import { artifactIndex } from '../../../src/store/artifact-index.ts';
import { artifactNameOf, backupIdIn, keyOfArtifact } from '../../../src/store/artifact-names.ts';
import { backup, noon } from '../../support/status-fixture.ts';

const id = 'crm-20261122T020000Z-k7qa';

test.each([
  [`crm/${id}/archive.tar.age`, id],
  [`crm/${id}/archive.tar`, `${id}.tar`],
  [`crm/${id}/receipt.json`, `${id}.receipt.json`],
  [`crm/${id}/notes.txt`, `crm%2F${id}%2Fnotes.txt`],
  [`other/${id}/receipt.json`, `other%2F${id}%2Freceipt.json`],
  [id, `%2F${id}`],
  ['crm/a*b', 'crm%2Fa%2Ab'],
])('the key %s is the artifact %s, and back', (key, name) => {
  expect(artifactNameOf(key)).toBe(name);
  expect(keyOfArtifact(name)).toBe(key);
});

test.each(['coverage', 'github-pages', `${id}.zip`, `x${id}x`, '%2F%', ''])('%s is none of ours', (name) => {
  expect(keyOfArtifact(name)).toBeNull();
  expect(backupIdIn(name)).toBeNull();
});

describe('what the ledger says of a store of artifacts', () => {
  const made = backup(noon, { stores: ['bucket', 'artifact'] });
  const index = (changes: Partial<typeof made> = {}, store = 'artifact') =>
    artifactIndex([{ ...made, ...changes }], store, 'example/crm');

  test('is in which run each backup was put there', () => {
    expect(index()).toEqual([{ id: made.backupId, runId: Math.floor(noon / 1000) }]);
    expect(index({ runUrl: 'https://github.com/Example/CRM/actions/runs/12/attempts/2' })).toMatchObject([
      { runId: 12 },
    ]);
  });

  test('names no run where there is none, or one of another repository', () => {
    for (const runUrl of [null, 'https://github.com/evil/crm/actions/runs/12', 'https://ci.example/jobs/12'])
      expect(index({ runUrl })).toEqual([{ id: made.backupId, runId: null }]);
  });

  test('leaves out other stores, and attempts that failed', () => {
    expect(index({}, 'other')).toEqual([]);
    expect(index({ outcome: 'failed' })).toEqual([]);
    const copied = { ...made, verb: 'copy', result: { from: 'bucket', copy: made.result!.copies[1]! } };
    expect(artifactIndex([copied as never], 'artifact', 'example/crm')).toHaveLength(1);
    expect(artifactIndex([copied as never], 'bucket', 'example/crm')).toEqual([]);
  });
});
