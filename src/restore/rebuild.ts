import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart, SqlSection } from '../archive/read-dump.ts';
import type { SourceDescription } from '../archive/tables.ts';
import { IntegrityError, SourceError } from '../lib/errors.ts';
import type { Step } from '../lib/progress.ts';
import { type Connected, type ConnectionTarget, connect, disconnect } from '../source/postgres/connect.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { explainRebuild } from './explain-rebuild.ts';
import { dropWhatSourceDropped } from './initdb-objects.ts';
import { RowLoader } from './load-rows.ts';
import { runSection } from './scripts.ts';
import { silenceEventTriggers } from './silence-event-triggers.ts';
import { inTablespacesHere } from './tablespaces.ts';

export interface Rebuilt {
  target: ConnectionTarget;
  manifest: Manifest;
  /** The schema's description as the backup took it; null when no server said it, because the tables are inferred. */
  fingerprint: Fingerprint | null;
  /** Whether the database took its own settings; a locale or library that this machine lacks is no fault of the backup. */
  hasProperties: boolean;
}

/**
 * Rebuilds a database from a dump as it is read: roles and tables, rows, sequences, indexes and constraints.
 *
 * @param totalBytes of rows to come, for progress
 * @param openTarget makes or finds the empty database, once it is known what the source was like
 * @throws IntegrityError when the server refuses the content or the archive is damaged; SourceError when the connection
 *         is lost; ConfigError when the target lacks something
 */
export async function rebuild(
  parts: AsyncIterable<DumpPart>,
  openTarget: (source: SourceDescription) => Promise<ConnectionTarget>,
  step: Step,
  totalBytes: number | null = null,
): Promise<Rebuilt> {
  let target: ConnectionTarget | null = null;
  let manifest: Manifest | null = null;
  let fingerprint: Fingerprint | null = null;
  let hasProperties = true;
  let rows = 0;
  let bytes = 0;
  await using loader = new RowLoader(() => connect(target!));
  for await (const part of parts) {
    switch (part.kind) {
      case 'tables':
        target = await openTarget(part.tables.source);
        break;
      case 'sql':
        await loader.finish();
        if (part.section !== 'database') await runScript(target!, part.section, part.text);
        else hasProperties = await tryProperties(target!, part.text);
        break;
      case 'begin':
        loader.begin(part.table);
        break;
      case 'rows':
        bytes += part.bytes.length;
        rows += part.newRows;
        step.update({ rows, bytes, totalBytes });
        await loader.rows(part.table, part.bytes);
        break;
      case 'end':
        await loader.end(part.table);
        break;
      case 'fingerprint':
        fingerprint = part.fingerprint as Fingerprint;
        break;
      case 'manifest':
        manifest = part.manifest;
    }
  }
  if (!target || !manifest || !fingerprint) {
    throw new IntegrityError('The archive lacks a part that every archive has.', {
      publicReason: 'the archive is damaged',
    });
  }
  if (manifest.source.kind === 'crm-api') return { target, manifest, fingerprint: null, hasProperties };
  await matchInitdb(target, fingerprint);
  return { target, manifest, fingerprint, hasProperties };
}

async function matchInitdb(target: ConnectionTarget, fingerprint: Fingerprint) {
  const connected = await connect(target);
  const { client } = connected;
  try {
    // By now the database has its own settings, and its event triggers.
    await client.query('SET default_transaction_read_only = off');
    await silenceEventTriggers(connected);
    await dropWhatSourceDropped(client, fingerprint);
  } catch (error) {
    throw explainRebuild(error, 'what the source no longer has');
  } finally {
    await disconnect(client);
  }
}

/** @returns false when the server refused one of them; trouble of the server itself is thrown */
async function tryProperties(target: ConnectionTarget, text: string): Promise<boolean> {
  try {
    await runScript(target, 'database', text);
    return true;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    return false;
  }
}

/** Each section over a connection of its own, because a script changes the session it runs in. */
async function runScript(target: ConnectionTarget, section: SqlSection, text: string): Promise<void> {
  const connected: Connected = await connect(target);
  try {
    if (text.includes('CREATE EVENT TRIGGER')) await silenceEventTriggers(connected);
    await runSection(connected.client, section, await inTablespacesHere(connected.client, text));
  } finally {
    await disconnect(connected.client);
  }
}
