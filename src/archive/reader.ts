import { constants } from 'node:buffer';
import { pipeline, type Readable } from 'node:stream';
import { identityToRecipient } from 'age-encryption';
import { extract as createExtract } from 'tar-stream';
import { DigestedBytes, digestOf } from '../lib/digest.ts';
import { ConfigError, HoldfastError, IntegrityError } from '../lib/errors.ts';
import { decryptWith } from './age.ts';
import { type Receipt, recipientFingerprint } from './receipt.ts';

export interface ArchiveEntry {
  name: string;
  bytes: Buffer;
  digest: string;
}

const expectedNames =
  /^(README\.txt|restore\.sh|tables\.json|source\/document\.json\.zst|manifest\.json|sequences\.sql|schema\/(roles|pre-data|post-data|database)\.sql|schema\/fingerprint\.json\.zst|large-objects\/\d{8}\.sql\.zst|data\/\d{6}\/\d{8}\.sql\.zst)$/;
/** A chunk holds one frame of at most 4 MiB of text; the rest are documents that are read whole. */
const maxChunkBytes = 8 << 20;
const maxDocumentBytes = constants.MAX_STRING_LENGTH;

/**
 * Reads an archive's entries in order, one at a time, from the bytes of a store.
 *
 * @param options.identities null for an archive that is not encrypted
 * @throws IntegrityError naming what is damaged, at the latest after the last entry, when the bytes read are not those
 *         of the receipt; ConfigError when no identity fits; whatever the source stream throws
 */
export async function* readArchive(
  source: Readable,
  options: { receipt: Receipt; identities: readonly string[] | null },
): AsyncGenerator<ArchiveEntry, void, void> {
  const decryption = options.identities && openDecryption(source, options.identities);
  const bytesRead = new DigestedBytes();
  const extract = createExtract();
  const tar = extract as unknown as NodeJS.WritableStream;
  let failure: Error | null = null;
  let sourceFailure: Error | null = null;
  // tar-stream's own error only says that the input ended; the first one is the reason.
  const onEnd = (error: Error | null | undefined) => {
    failure ??= error ?? null;
  };
  source.on('error', (error) => {
    // The pipeline destroys the source too when something behind it fails; that is not the source's doing.
    if (failure === null) sourceFailure = error;
    failure ??= error;
  });
  if (decryption) {
    decryption.on('error', (error) => {
      failure ??= error;
    });
    pipeline(source, bytesRead, decryption, tar, onEnd);
  } else {
    pipeline(source, bytesRead, tar, onEnd);
  }
  let last = 'the beginning';
  try {
    for await (const { header, entry } of entriesOf(extract)) {
      refuseStrange(header.name, header.type ?? null, header.size ?? 0);
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      yield { name: header.name, bytes, digest: digestOf(bytes) };
      last = `entry ${header.name}`;
    }
  } catch (error) {
    if (sourceFailure) throw sourceFailure;
    if (error instanceof HoldfastError && error !== failure) throw error;
    const cause = failure ?? (error as Error);
    if (cause instanceof HoldfastError) {
      if (cause instanceof ConfigError && (await isMadeFor(options)))
        throw damaged('its age header does not open, though the receipt says it was made for this identity');
      if (cause instanceof IntegrityError)
        cause.message = `${cause.message.replace(/\.$/, '')}, after ${last}.`;
      throw cause;
    }
    throw damaged(`after ${last} it is no longer a tar archive (${cause.message})`);
  } finally {
    source.destroy();
  }
  const { sizeBytes, digest } = options.receipt.archive;
  if (bytesRead.sizeBytes !== sizeBytes)
    throw damaged(`it has ${bytesRead.sizeBytes} bytes, the receipt says ${sizeBytes}`);
  if (bytesRead.digest() !== digest)
    throw damaged('its digest is not the one in the receipt, though every entry can be read');
}

function openDecryption(source: Readable, identities: readonly string[]) {
  try {
    return decryptWith(identities);
  } catch (error) {
    source.destroy();
    throw error;
  }
}

/** Whether the receipt names one of the identities: then a header that does not open is damage and no mistake. */
async function isMadeFor(options: { receipt: Receipt; identities: readonly string[] | null }) {
  const own = await Promise.all((options.identities ?? []).map((identity) => identityToRecipient(identity)));
  return own.some((recipient) => options.receipt.recipients?.includes(recipientFingerprint(recipient)));
}

async function* entriesOf(extract: ReturnType<typeof createExtract>) {
  for await (const entry of extract) yield { header: entry.header, entry };
}

function refuseStrange(name: string, type: string | null, sizeBytes: number) {
  const shown = JSON.stringify(name.slice(0, 80));
  if (type !== 'file' || !expectedNames.test(name))
    throw damaged(`it holds ${shown}, which does not belong there`);
  const limit = /^(data|large-objects)\//.test(name) ? maxChunkBytes : maxDocumentBytes;
  if (sizeBytes > limit) throw damaged(`entry ${shown} claims ${sizeBytes} bytes`);
}

export function damaged(what: string): IntegrityError {
  return new IntegrityError(`The archive is damaged: ${what}.`, {
    hint: 'Use another copy or an earlier backup; `holdfast list` shows them.',
    publicReason: 'the archive is damaged',
  });
}
