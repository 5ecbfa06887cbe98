import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { type BackupOptions, type BackupResult, backup } from '../../src/backup.ts';
import type { Deps } from '../../src/deps.ts';
import { directoryLedger } from '../../src/ledger/directory.ts';
import { silent } from '../../src/lib/progress.ts';
import { type RestoreOptions, type RestoreResult, restore } from '../../src/restore.ts';
import { type RestoreTestResult, restoreTest } from '../../src/restore-test.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { type VerifyResult, verify } from '../../src/verify.ts';

/** A folder with a store, a ledger and a key pair, on which verbs run for real. */
export interface Workplace extends AsyncDisposable {
  folder: string;
  deps: Deps;
  stopping: AbortController;
  identity: string;
  recipient: string;
  backup(url: string, options?: Partial<BackupOptions>): Promise<BackupResult>;
  verify(id?: string): Promise<VerifyResult>;
  restoreTest(id?: string): Promise<RestoreTestResult>;
  restore(url: string, options?: Partial<RestoreOptions>): Promise<RestoreResult>;
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const stopping = new AbortController();
  const deps: Deps = {
    now: Date.now,
    randomBytes,
    progress: silent,
    ledger: directoryLedger(join(folder, 'ledger')),
    stores: [directoryStore('disk', join(folder, 'store'))],
    run: { trigger: 'test', intendedAt: null, runUrl: null, actor: null },
    signal: stopping.signal,
  };
  const database = 'crm';
  return {
    folder,
    deps,
    stopping,
    identity,
    recipient,
    backup: (url, options = {}) =>
      backup(deps, {
        database,
        target: { url, label: 'the test database' },
        excludeRows: [],
        connections: 2,
        lockTimeoutMs: 5000,
        recipients: [recipient],
        holdfast: 'test',
        ...options,
      }),
    verify: (id = 'latest') => verify(deps, { database, id, all: false, identities: [identity] }),
    restoreTest: (id = 'latest') =>
      restoreTest(deps, { database, id, scratch: { kind: 'embedded' }, identities: [identity] }),
    restore: (url, options = {}) =>
      restore(deps, {
        database,
        id: 'latest',
        target: { url, label: 'the target' },
        mode: 'replace',
        tables: [],
        identities: [identity],
        keepBackupsTable: true,
        confirm: async () => true,
        backup: {
          database,
          excludeRows: [],
          connections: 2,
          lockTimeoutMs: 2000,
          recipients: [recipient],
          holdfast: 'test',
        },
        ...options,
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
