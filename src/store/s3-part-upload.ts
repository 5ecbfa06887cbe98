import { createHash, type Hash } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { alreadyHeld, tooLarge } from './object-errors.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { confirm, isOurs, takeBack } from './s3-confirm.ts';
import { explain, statusOf, writing } from './s3-errors.ts';
import { sizeOf } from './s3-list.ts';
import { maxSizeBytes, partSizeBytes, partsInFlight, takesEqualPartsOnly } from './s3-parts.ts';
import { abort, begin, complete, putSmall, sendPart, type Upload } from './s3-write.ts';
import type { StoredObject } from './store.ts';

/** A part while it fills. */
interface Filling {
  buffer: Buffer;
  filledBytes: number;
  hash: Hash;
}

/** Cuts bytes into parts and sends a few of them at a time. What fits into one part becomes a plain object. */
export class PartUpload {
  readonly #bucket: S3Bucket;
  readonly #to: Upload;
  readonly #onFailure: (error: unknown) => unknown;
  readonly #areEqual: boolean;
  readonly #whole = createHash('sha256');
  /** SHA-256 of each part, in order. */
  readonly #checksums: Buffer[] = [];
  readonly #sent: CompletedPart[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  /** Buffers are used again: memory must not wait for the garbage collector. */
  #spare: Buffer[] = [];
  #filling: Filling | null = null;
  #takenBytes = 0;
  #uploadId: string | null = null;
  #isEnding = false;

  /** `onFailure` hears of a part that can't be sent as soon as it is known. */
  constructor(bucket: S3Bucket, to: Upload, onFailure: (error: unknown) => unknown) {
    this.#bucket = bucket;
    this.#to = to;
    this.#onFailure = onFailure;
    this.#areEqual = takesEqualPartsOnly(bucket.options.endpoint);
  }

  /** Refuses a taken key before hours are spent on it. */
  async open() {
    if ((await sizeOf(this.#bucket, this.#to.key)) !== null) throw this.#taken();
  }

  async take(bytes: Buffer) {
    for (let offset = 0; offset < bytes.length; ) {
      const part = this.#filling ?? (await this.#emptyPart());
      this.#filling = part;
      const copied = bytes.copy(part.buffer, part.filledBytes, offset);
      part.hash.update(bytes.subarray(offset, offset + copied));
      part.filledBytes += copied;
      offset += copied;
      if (part.filledBytes === part.buffer.length) await this.#send(part);
    }
    this.#whole.update(bytes);
    this.#takenBytes += bytes.length;
    if (this.#takenBytes > maxSizeBytes(this.#areEqual)) throw tooLarge(this.#bucket.storeName);
  }

  /** @returns what was sent, after S3 has confirmed it */
  async finish(): Promise<StoredObject> {
    const whole = this.#whole.digest();
    const last = this.#filling;
    if (this.#uploadId && last) await this.#send(last);
    await Promise.all(this.#inFlight);
    this.#to.signal.throwIfAborted();
    this.#isEnding = true;
    if (this.#uploadId) await this.#ending(this.#complete(this.#uploadId));
    else {
      const bytes = last ? last.buffer.subarray(0, last.filledBytes) : Buffer.alloc(0);
      await this.#ending(putSmall(this.#bucket, this.#to, { bytes, sha256: whole }));
    }
    const sent = { sizeBytes: this.#takenBytes, digest: `sha256:${whole.toString('hex')}` };
    await confirm(this.#bucket, this.#to, sent, { whole, parts: this.#checksums });
    return sent;
  }

  /** Leaves nothing, as far as S3 can be reached; `unfinishedUploads` finds what had to stay. */
  async abandon() {
    await Promise.all(this.#inFlight);
    // Whoever ends this run, or a network that is gone, must not be waited for as long as for the work itself.
    const soon = AbortSignal.timeout(this.#bucket.limits.idleTimeoutMs);
    const { key } = this.#to;
    if (this.#uploadId) await abort(this.#bucket, key, this.#uploadId, soon).catch(() => {});
    // The answer to the last request may be lost, and the object there.
    if (this.#isEnding && (await isOurs(this.#bucket, this.#to, soon)))
      await takeBack(this.#bucket, key, soon);
  }

  async #emptyPart(): Promise<Filling> {
    const sizeBytes = partSizeBytes(this.#takenBytes, this.#areEqual);
    while (this.#inFlight.size >= partsInFlight(sizeBytes)) await Promise.race(this.#inFlight);
    this.#to.signal.throwIfAborted();
    this.#spare = this.#spare.filter((buffer) => buffer.length === sizeBytes);
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(sizeBytes);
    return { buffer, filledBytes: 0, hash: createHash('sha256') };
  }

  async #send({ buffer, filledBytes, hash }: Filling) {
    this.#filling = null;
    const uploadId = this.#uploadId ?? (await this.#explained(begin(this.#bucket, this.#to)));
    this.#uploadId = uploadId;
    const part = { bytes: buffer.subarray(0, filledBytes), sha256: hash.digest() };
    const index = this.#checksums.push(part.sha256) - 1;
    const sending = this.#explained(sendPart(this.#bucket, this.#to, uploadId, index + 1, part))
      .then(
        (sent) => {
          this.#sent[index] = sent;
          this.#spare.push(buffer);
        },
        (error) => void this.#onFailure(error),
      )
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async #complete(uploadId: string) {
    // For providers that pass over the condition in silence.
    await this.open();
    await complete(this.#bucket, this.#to, uploadId, this.#sent);
  }

  async #ending(request: Promise<void>) {
    try {
      await request;
    } catch (error) {
      if (!this.#to.signal.aborted && (await isOurs(this.#bucket, this.#to))) return;
      const isTaken = statusOf(error) === 412 || statusOf(error) === 409;
      throw isTaken ? this.#taken() : explain(error, this.#bucket.storeName, writing);
    }
  }

  async #explained<T>(request: Promise<T>): Promise<T> {
    return request.catch((error) => {
      throw explain(error, this.#bucket.storeName, writing);
    });
  }

  #taken() {
    return alreadyHeld(this.#bucket.storeName, this.#to.key);
  }
}
