import type { LoadedConfig } from './config/check.ts';
import type { Deps } from './deps.ts';
import { checkHeartbeats, checkWebhook } from './doctor/alerts.ts';
import { checkCrm } from './doctor/crm.ts';
import { checkDatabase } from './doctor/database.ts';
import { checkEncryption } from './doctor/encryption.ts';
import { type Check, examine, type Finding } from './doctor/finding.ts';
import { checkLedger, checkLedgerBranch, checkLedgerFolder } from './doctor/ledger.ts';
import { checkNode } from './doctor/node-version.ts';
import { checkRepository, checkToken } from './doctor/repository.ts';
import { checkStore } from './doctor/store.ts';
import { checkHoldings } from './doctor/store-holdings.ts';
import { checkStoreRetention, checkUnfinished } from './doctor/store-limits.ts';
import { checkWorkflows } from './doctor/workflows.ts';
import { HoldfastError } from './lib/errors.ts';
import { policiesOf, sourceOptions } from './open.ts';
import { crmOf } from './open-crm.ts';
import { openGithub, openLedger, openStores } from './open-stores.ts';

export type { Finding } from './doctor/finding.ts';

export interface DoctorOptions {
  config: LoadedConfig;
  env: NodeJS.ProcessEnv;
  /** Configured names; what belongs to no single one of them is looked at too. */
  databases: readonly string[];
  /** Null: none was given, so it is not compared with the recipients. */
  identities: readonly string[] | null;
  /** Such as `24.21.0`. */
  nodeVersion: string;
  /** Is told each finding as it comes. */
  report?: (finding: Finding) => void;
}

type DoctorDeps = Pick<Deps, 'now' | 'randomBytes' | 'signal'>;

/**
 * Looks at everything that a backup depends on, and says what is wrong before the night does. Nothing is changed: what it
 * writes to a store to try it is removed again. Each thing is opened by itself, so that a wrong one hides no other.
 */
export function doctor(deps: DoctorDeps, options: DoctorOptions): Promise<Finding[]> {
  const { config, env, databases, identities } = options;
  const recipients = config.encryption === 'off' ? null : config.encryption.recipients;
  const stores = Object.keys(config.stores).filter((name) =>
    databases.some((database) => takesFrom(config, name, database)),
  );
  const checks: Check[] = [
    { about: 'Node', look: async () => checkNode(options.nodeVersion) },
    { about: 'encryption', look: () => checkEncryption(recipients, identities) },
    ...databases.map((database) => databaseCheck(deps, options, database)),
    ...stores.flatMap((name) => storeChecks(deps, options, name, recipients)),
    { about: 'ledger', look: async () => checkLedger(await openLedger(config, env)) },
    { about: 'ledger', look: () => checkLedgerFolder(config, env) },
    ...githubChecks(deps, options),
    { about: 'heartbeat', look: () => checkHeartbeats(config, databases, env) },
    { about: 'webhook', look: async () => checkWebhook(config, env) },
  ];
  return examine(checks, options.report ?? (() => {}));
}

function databaseCheck(deps: DoctorDeps, { config, env }: DoctorOptions, database: string): Check {
  const about = `database ${database}`;
  const look = async () => {
    const crm = crmOf(config, database, env);
    if (crm === null) return checkDatabase({ about, now: deps.now, ...sourceOptions(config, database, env) });
    const { address } = crm;
    return checkCrm({ about, address, hasDatabase: crm.database !== null, ...deps });
  };
  return { about, look };
}

function storeChecks(
  deps: DoctorDeps,
  { config, env, databases }: DoctorOptions,
  name: string,
  recipients: readonly string[] | null,
): Check[] {
  const about = `store ${name}`;
  const own = databases.filter((database) => takesFrom(config, name, database));
  const open = async () => {
    const only = { ...config, stores: { [name]: config.stores[name]! } };
    const [store] = await openStores(only, await openLedger(config, env), env);
    return store!;
  };
  const { randomBytes } = deps;
  return [
    { about, look: async () => checkStore({ about, store: await open(), recipients, randomBytes, env }) },
    {
      about,
      look: async () => {
        const store = await open();
        return checkStoreRetention(about, store, policiesOf(config)(store), env);
      },
    },
    { about, look: async () => checkUnfinished(about, await open(), deps.now()) },
    {
      about,
      look: async () => {
        const records = await readLedger(config, env);
        return records ? checkHoldings(about, await open(), records, own, deps.now()) : [];
      },
    },
  ];
}

function takesFrom(config: LoadedConfig, store: string, database: string): boolean {
  return config.databases[database]!.stores?.includes(store) ?? true;
}

/** Null when there is none, or when it can't be read: the check of the ledger says why. */
async function readLedger(config: LoadedConfig, env: NodeJS.ProcessEnv) {
  try {
    return await (await openLedger(config, env)).read();
  } catch (error) {
    if (error instanceof HoldfastError) return null;
    throw error;
  }
}

/** Only where GitHub has a part in it. */
function githubChecks(deps: DoctorDeps, { config, env }: DoctorOptions): Check[] {
  const { ledger } = config;
  const isAtGithub =
    env['GITHUB_ACTIONS'] === 'true' ||
    ledger.type === 'github' ||
    Object.values(config.stores).some(({ type }) => type === 'artifact');
  if (!isAtGithub) return [];
  const open = () => openGithub(env, undefined, 'The repository of the workflows');
  const about = 'repository';
  const look = async () => {
    const place = await open();
    const { findings, facts } = await checkRepository(place, config, deps.now);
    if (facts === null) return findings;
    return [...findings, ...(await checkWorkflows(place, facts, deps.now()))];
  };
  const checks: Check[] = [
    { about, look },
    { about: 'token', look: async () => checkToken(await open(), config) },
  ];
  if (ledger.type === 'github') {
    const look = async () =>
      checkLedgerBranch(await openGithub(env, ledger.repository, 'The ledger'), ledger.branch);
    checks.push({ about: 'ledger', look });
  }
  return checks;
}
