import type { LoadedConfig } from './config/check.ts';
import { resolveReferences } from './config/references.ts';
import type { S3Config } from './config/stores.ts';
import type { Github, Repository } from './github/client.ts';
import { apiUrlOf, repositoryOf, tokenOf } from './github/context.ts';
import { directoryLedger } from './ledger/directory.ts';
import type { Ledger } from './ledger/ledger.ts';
import { ConfigError } from './lib/errors.ts';
import { version } from './lib/version.ts';
import { artifactIndex } from './store/artifact-index.ts';
import { directoryStore } from './store/directory.ts';
import type { S3StoreOptions } from './store/s3.ts';
import type { Store } from './store/store.ts';

/**
 * Opens the ledger and the stores of a configuration. The libraries that reach GitHub and S3 are large, so they are loaded
 * only where a configuration needs them.
 */

type Env = NodeJS.ProcessEnv;

/** @throws ConfigError when the ledger is at GitHub, and token or repository are missing */
export async function openLedger({ ledger }: LoadedConfig, env: Env): Promise<Ledger> {
  if (ledger.type === 'directory') return directoryLedger(ledger.path);
  const { githubLedger } = await import('./ledger/github-branch.ts');
  const { octokit, ...repository } = await openGithub(env, ledger.repository, 'The ledger');
  return githubLedger({ octokit, ...repository, branch: ledger.branch });
}

/**
 * The stores in their configured order.
 *
 * @param ledger tells in which runs artifacts were made
 * @throws ConfigError when a secret, a token or the repository is missing
 */
export function openStores(config: LoadedConfig, ledger: Ledger, env: Env): Promise<Store[]> {
  const opening = Object.entries(config.stores).map(async ([name, store]): Promise<Store> => {
    if (store.type === 'directory') return directoryStore(name, store.path);
    if (store.type === 's3') {
      const { s3Store } = await import('./store/s3.ts');
      return s3Store(name, s3Options(name, store, env));
    }
    const { artifactStore } = await import('./store/artifact.ts');
    const github = await openGithub(env, undefined, `Store ${name}`);
    const index = async () =>
      artifactIndex((await ledger.read()) ?? [], name, `${github.owner}/${github.repo}`);
    return artifactStore(name, { ...github, retentionDays: store['retention-days'], index, env });
  });
  return Promise.all(opening);
}

function s3Options(name: string, store: S3Config, env: Env): S3StoreOptions {
  const secret = (field: 'access-key-id' | 'secret-access-key' | 'session-token') => {
    const reference = store[field];
    return reference === undefined ? undefined : resolveReferences(reference, `stores.${name}.${field}`, env);
  };
  const accessKeyId = secret('access-key-id');
  const secretAccessKey = secret('secret-access-key');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new ConfigError(`Store ${name} has one half of a key. Nothing was read or written.`, {
      hint: 'Give both access-key-id and secret-access-key, or neither.',
      publicReason: 'the configuration is not valid',
    });
  }
  const lockDays = store['object-lock-days'];
  return {
    bucket: store.bucket,
    prefix: store.prefix ?? null,
    region: store.region,
    endpoint: store.endpoint ?? null,
    pathStyle: store['path-style'],
    credentials:
      accessKeyId && secretAccessKey
        ? { accessKeyId, secretAccessKey, sessionToken: secret('session-token') }
        : null,
    storageClass: store['storage-class'],
    serverSideEncryption: store['server-side-encryption'],
    kmsKeyId: store['kms-key-id'],
    objectLock: lockDays === undefined ? null : { days: lockDays, mode: store['object-lock-mode'] },
    now: Date.now,
  };
}

/**
 * GitHub's API for a repository.
 *
 * @param named `owner/name`; undefined: the repository of the run
 * @param whose what needs it, for the message
 * @throws ConfigError when token or repository are missing
 */
export async function openGithub(
  env: Env,
  named: string | undefined,
  whose: string,
): Promise<Repository & { octokit: Github }> {
  const repository = named ?? env['GITHUB_REPOSITORY'];
  const token = tokenOf(env);
  if (!repository || !token) {
    throw new ConfigError(
      `${whose} is at GitHub, and ${repository ? 'there is no token' : 'no repository is named'}. Nothing was read or written.`,
      {
        hint: 'In a workflow both are there. Elsewhere set GH_TOKEN (`gh auth token` prints one) and GITHUB_REPOSITORY=owner/name.',
        publicReason: 'GitHub was not reachable with what was given',
      },
    );
  }
  const { githubClient } = await import('./github/client.ts');
  const octokit = githubClient({ token, apiUrl: apiUrlOf(env), userAgent: `holdfast/${version}` });
  return { octokit, ...repositoryOf(repository) };
}
