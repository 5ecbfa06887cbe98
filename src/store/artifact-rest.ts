import type { Github, Repository } from '../github/client.ts';
import { statusOf } from '../github/explain.ts';
import { IntegrityError } from '../lib/errors.ts';
import type { ArtifactOrigin } from './artifact-index.ts';
import { listArtifacts, type RestArtifact } from './artifact-listing.ts';
import { artifactNameOf, artifactNamesOf, backupIdIn, keyOfArtifact } from './artifact-names.ts';

export interface ArtifactFinderOptions extends Repository {
  octokit: Github;
  /** The run that this is; null outside of one. */
  runId: number | null;
  /** Null: the ledger is not to be trusted, look through all artifacts of the repository. */
  index: (() => Promise<ArtifactOrigin[]>) | null;
}

/**
 * Finds artifacts through the REST API. Those of the runs that the ledger names come first; a name alone is only
 * believed where the ledger knows no run, and never of a run for a fork, because any pull request can upload any name.
 * Errors are octokit's.
 */
export function artifactFinder({ octokit, owner, repo, runId: ownRun, index }: ArtifactFinderOptions) {
  const repository = { octokit, owner, repo };
  /** Artifacts of runs that are over do not change but by us. */
  const known = new Map<number, Promise<RestArtifact[]>>();
  const isTrusted = (artifact: RestArtifact) => !artifact.isFromFork;

  async function inRepository(name: string | null): Promise<RestArtifact[]> {
    return (await listArtifacts({ ...repository, runId: null, name })).filter(isTrusted);
  }

  async function ofRun(runId: number): Promise<RestArtifact[]> {
    try {
      return await listArtifacts({ ...repository, runId, name: null });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      // The run was deleted, with all it had; or the token sees nothing at all, which this would say.
      await octokit.rest.actions.listArtifactsForRepo({ owner, repo, per_page: 1 });
      return [];
    }
  }

  function remembered(runId: number): Promise<RestArtifact[]> {
    if (runId === ownRun) return ofRun(runId);
    const listing = known.get(runId) ?? ofRun(runId);
    known.set(runId, listing);
    listing.catch(() => known.delete(runId));
    return listing;
  }

  return {
    /** All of a key's artifacts, newest first, with those that have expired. */
    async find(key: string): Promise<RestArtifact[]> {
      const name = artifactNameOf(key);
      const id = backupIdIn(name);
      const origins = id === null ? [] : ((await index?.()) ?? []).filter((origin) => origin.id === id);
      const runs = new Set(origins.flatMap(({ runId }) => runId ?? []));
      if (ownRun !== null && index !== null) runs.add(ownRun);
      const listed = (await Promise.all([...runs].map(remembered))).flat();
      const here = listed.filter((artifact) => artifact.name === name);
      const found = here.length > 0 ? here : await inRepository(name);
      const live = found.filter(({ isExpired }) => !isExpired);
      if (new Set(live.map(({ digest, sizeBytes }) => `${digest} ${sizeBytes}`)).size > 1)
        throw ambiguous(name);
      return found.sort((a, b) => b.id - a.id);
    },

    /** Keys below a folder whose artifacts are there and have not expired. */
    async keys(folder: string): Promise<string[]> {
      const isBelow = (key: string | null): key is string => key?.startsWith(`${folder}/`) ?? false;
      const found: RestArtifact[] = [];
      if (index === null) found.push(...(await inRepository(null)));
      else {
        const origins = (await index()).filter(({ id }) =>
          artifactNamesOf(id).map(keyOfArtifact).some(isBelow),
        );
        if (ownRun !== null) found.push(...(await ofRun(ownRun)));
        for (const { id, runId } of origins) {
          const names = artifactNamesOf(id);
          const listed = runId === null ? [] : await remembered(runId);
          const here = listed.filter(({ name }) => names.includes(name));
          if (here.length > 0) found.push(...here);
          else for (const name of names) found.push(...(await inRepository(name)));
        }
        if (origins.length === 0 && ownRun === null)
          await octokit.rest.actions.listArtifactsForRepo({ owner, repo, per_page: 1 });
      }
      const keys = found.filter(({ isExpired }) => !isExpired).map(({ name }) => keyOfArtifact(name));
      return [...new Set(keys.filter(isBelow))].sort();
    },

    async remove({ id, runId }: RestArtifact): Promise<void> {
      if (runId !== null) known.delete(runId);
      await octokit.rest.actions.deleteArtifact({ owner, repo, artifact_id: id }).catch((error) => {
        if (statusOf(error) !== 404) throw error;
      });
    },
  };
}

function ambiguous(name: string) {
  return new IntegrityError(`There are several artifacts ${name} with different content.`, {
    hint: 'One of them is not ours. Look at the runs they belong to, delete the wrong one, or use another copy.',
    publicReason: 'there are several copies with different content',
  });
}
