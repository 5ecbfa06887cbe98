import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart } from '../archive/read-dump.ts';
import type { SourceDescription } from '../archive/tables.ts';
import { IntegrityError } from '../lib/errors.ts';
import type { Step } from '../lib/progress.ts';
import { type Connected, type ConnectionTarget, connect, disconnect } from '../source/postgres/connect.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { explainRebuild } from './explain-rebuild.ts';
import { RowLoader } from './load-rows.ts';

export interface Rebuilt {
  target: ConnectionTarget;
  manifest: Manifest;
  /** The schema's description as the backup took it. */
  fingerprint: Fingerprint;
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
        await runScript(target!, part.section, part.text);
        break;
      case 'begin':
        await loader.begin(part.table);
        break;
      case 'rows':
        bytes += part.bytes.length;
        rows += part.newRows;
        step.update({ rows, bytes, totalBytes });
        await loader.rows(part.table, part.bytes);
        break;
      case 'end':
        loader.end(part.table);
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
  return { target, manifest, fingerprint };
}

const titles = {
  roles: 'the roles',
  'pre-data': 'the schema',
  sequences: 'the sequences',
  'large-objects': 'the large objects',
  'post-data': 'indexes and constraints',
  database: 'the properties of the database',
};

/** Runs a section as one simple query, which is one transaction. The server splits it, as psql never could as well. */
async function runScript(
  target: ConnectionTarget,
  section: keyof typeof titles,
  text: string,
): Promise<void> {
  const script = withoutPsqlCommands(text);
  if (script.trim() === '') return;
  const connected: Connected = await connect(target);
  try {
    await connected.client.query(script);
  } catch (error) {
    throw explainRebuild(error, titles[section], script);
  } finally {
    await disconnect(connected.client);
  }
}

/**
 * pg_dump frames its scripts in `\restrict KEY` and `\unrestrict KEY`, for psql. Only these two places are searched:
 * in between, such a line is part of a function or a comment.
 */
function withoutPsqlCommands(text: string): string {
  const key = /^\\restrict (\w+)$/m.exec(text.slice(0, 2048))?.[1];
  if (!key) return text;
  const first = `\\restrict ${key}\n`;
  const last = `\\unrestrict ${key}\n`;
  const end = text.lastIndexOf(last);
  const body = end < 0 ? text : text.slice(0, end) + text.slice(end + last.length);
  return body.replace(first, '');
}
