import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type ArtifactPlace, openArtifactPlace } from '../support/artifact-store.ts';
import { storeContract } from './store.contract.ts';

// One store for all: loading GitHub's client takes a second. Each test finds it empty.
let place: ArtifactPlace;
let store: Store;
beforeAll(async () => {
  place = await openArtifactPlace();
  // One block at a time, so that the test of memory is not about the 40 MB that five take.
  store = place.storeOf(4711, { env: { ACTIONS_ARTIFACT_UPLOAD_CONCURRENCY: '1' } });
});
afterAll(() => place.close());

storeContract('artifact', async () => ({
  store,
  refusesEmpty: true,
  memory: { objectMb: 240, limitMb: 160 },
  everything: place.everything,
  refuseWrites: async () => {
    place.service.fault = () => ({ kind: 'status', status: 400 });
  },
  refuseReads: async () => {
    place.github.fault = () => ({ kind: 'status', status: 503 });
  },
  close: async () => {
    place.service.fault = null;
    place.github.fault = null;
    place.github.repository.artifacts.length = 0;
    for (const name of await readdir(place.tempFolder))
      await rm(join(place.tempFolder, name), { recursive: true });
  },
}));
