import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { Decrypter, Encrypter } from 'age-encryption';
import { ConfigError, IntegrityError } from '../lib/errors.ts';
import { PendingBytes } from '../lib/pending-bytes.ts';

/**
 * age v1 files (https://age-encryption.org/v1). Header, recipients and identities are the age-encryption library's;
 * only the payload is ours, through node:crypto, which takes a quarter of the CPU time of the library's pure JavaScript.
 * A payload is a 16-byte nonce, then chunks of 64 KiB sealed with ChaCha20-Poly1305 (the STREAM construction).
 */

const chunkBytes = 64 * 1024;
const tagBytes = 16;
const payloadNonceBytes = 16;
const cipherName = 'chacha20-poly1305';

/**
 * A transform from plaintext to an age file for the recipients.
 *
 * @throws ConfigError when there is no recipient or one is not valid
 */
export async function encryptTo(recipients: readonly string[]): Promise<Transform> {
  const { header, fileKey } = await sealHeader(recipients);
  const payloadNonce = randomBytes(payloadNonceBytes);
  const key = payloadKey(fileKey, payloadNonce);
  const counter = new ChunkCounter();
  const pending = new PendingBytes();
  // What comes out is pushed as it is made: putting it together first would be as many bytes again for the garbage collector.
  const seal = (to: Transform, sizeBytes: number, isLast: boolean) => {
    const cipher = createCipheriv(cipherName, key, counter.next(isLast), { authTagLength: tagBytes });
    for (const part of pending.takeParts(sizeBytes)) to.push(cipher.update(part));
    cipher.final();
    to.push(cipher.getAuthTag());
  };
  const stream = new Transform({
    transform(bytes: Uint8Array, _encoding, done) {
      pending.add(bytes);
      // One byte more than a chunk must be here, because the last chunk is sealed in another way.
      while (pending.sizeBytes > chunkBytes) seal(this, chunkBytes, false);
      done();
    },
    flush(done) {
      seal(this, pending.sizeBytes, true);
      done();
    },
  });
  stream.push(header);
  stream.push(payloadNonce);
  return stream;
}

/** Checks that a text is a usable recipient. @throws ConfigError naming it (recipients are public) */
export async function checkRecipient(recipient: string): Promise<void> {
  await sealHeader([recipient]);
}

async function sealHeader(
  recipients: readonly string[],
): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  if (recipients.length === 0) {
    throw new ConfigError('There is no recipient, so nobody could ever decrypt the backup.', {
      hint: '`holdfast keygen` prints one. Nothing was written.',
      publicReason: 'no recipient is configured',
    });
  }
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      const looksSecret = recipient.toUpperCase().includes('AGE-SECRET-KEY');
      throw new ConfigError(
        looksSecret
          ? 'An identity (secret half) stands where a recipient belongs.'
          : `"${recipient}" is not an age recipient.`,
        {
          hint: 'A recipient begins with age1; `holdfast keygen` prints one. Nothing was written.',
          publicReason: 'a configured recipient is not valid',
        },
      );
    }
  }
  let fileKey: Uint8Array | null = null;
  // A recipient that adds nothing to the header and learns the file key.
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  const empty = await encrypter.encrypt(new Uint8Array());
  return { header: empty.subarray(0, empty.length - payloadNonceBytes - tagBytes), fileKey: fileKey! };
}

/**
 * A transform from an age file to its plaintext.
 *
 * @throws (as stream errors) ConfigError when no identity fits; IntegrityError naming the bytes that fail
 */
export function decryptWith(identities: readonly string[]): Transform {
  const decrypter = new Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw new ConfigError('The identity is not an age secret key.', {
        hint: 'It is one line that begins with AGE-SECRET-KEY-1. The backup is untouched.',
        publicReason: 'the identity is not valid',
      });
    }
  }
  const pending = new PendingBytes();
  const counter = new ChunkCounter();
  let key: Buffer | null = null;
  let position = 0;
  const damaged = (what: string) =>
    new IntegrityError(`The archive is damaged: ${what}.`, {
      hint: 'Use another copy or an earlier backup; `holdfast list` shows them.',
      publicReason: 'the archive is damaged',
    });
  const open = (sizeBytes: number, isLast: boolean): Buffer[] => {
    const first = position;
    position += sizeBytes;
    if (sizeBytes < tagBytes) throw damaged(`it ends at byte ${position}, inside an encrypted chunk`);
    const decipher = createDecipheriv(cipherName, key!, counter.next(isLast), { authTagLength: tagBytes });
    const sealed = pending.takeParts(sizeBytes - tagBytes);
    decipher.setAuthTag(pending.take(tagBytes));
    try {
      const plain = sealed.map((part) => decipher.update(part));
      decipher.final();
      return plain;
    } catch {
      const cut = isLast ? ' (changed, or the archive is cut short)' : '';
      throw damaged(`bytes ${first} to ${position - 1} fail authentication${cut}`);
    }
  };
  const readHeader = async () => {
    const header = takeHeader(pending);
    if (header === null) {
      if (pending.sizeBytes > 1 << 20) throw damaged('it has no age header');
      return;
    }
    if (pending.sizeBytes < payloadNonceBytes) return pending.putBack(header);
    const fileKey = await openHeader(decrypter, header, damaged);
    key = payloadKey(fileKey, pending.take(payloadNonceBytes));
    position = header.length + payloadNonceBytes;
  };
  const sealedBytes = chunkBytes + tagBytes;
  return new Transform({
    async transform(bytes: Uint8Array, _encoding, done) {
      try {
        pending.add(bytes);
        if (key === null) await readHeader();
        if (key !== null)
          while (pending.sizeBytes > sealedBytes)
            for (const plain of open(sealedBytes, false)) this.push(plain);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        if (key === null) throw damaged('it ends inside its age header');
        const isFirst = counter.isAtStart;
        const isEmpty = pending.sizeBytes === tagBytes;
        const last = open(pending.sizeBytes, true);
        // The format has an empty last chunk only for an empty file.
        if (isEmpty && !isFirst) throw damaged('its last chunk is empty');
        for (const plain of last) this.push(plain);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

async function openHeader(
  decrypter: Decrypter,
  header: Buffer,
  damaged: (what: string) => IntegrityError,
): Promise<Uint8Array> {
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    if (!String((error as Error).message).includes('no identity matched'))
      throw damaged('its age header is not valid');
    throw new ConfigError('The identity does not fit: this backup was encrypted to other recipients.', {
      hint: 'Give the identity that belongs to the recipients of that day: `holdfast show` lists their fingerprints, and `holdfast doctor --identity-file FILE` says whether FILE belongs to those of today. The backup is untouched.',
      publicReason: 'the identity does not fit the backup',
    });
  }
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

/** Nonces of STREAM: an 11-byte big-endian counter and a byte that marks the last chunk. */
class ChunkCounter {
  #count = 0;

  get isAtStart(): boolean {
    return this.#count === 0;
  }

  next(isLast: boolean): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeUIntBE(this.#count, 5, 6);
    nonce[11] = isLast ? 1 : 0;
    this.#count += 1;
    return nonce;
  }
}

/** The header up to the end of its `---` line; null while that line is not complete. */
function takeHeader(pending: PendingBytes): Buffer | null {
  const all = pending.take(pending.sizeBytes);
  const last = all.indexOf('\n--- ');
  const end = last < 0 ? -1 : all.indexOf('\n', last + 1);
  if (end < 0) {
    if (all.length > 0) pending.putBack(all);
    return null;
  }
  pending.add(all.subarray(end + 1));
  return all.subarray(0, end + 1);
}
