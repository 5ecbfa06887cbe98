import type { Readable } from 'node:stream';

/** A destination of archives. Keys are `/`-separated paths; an object is there whole or not at all. */
export interface Store {
  /** The configured name, public. */
  readonly name: string;
  readonly kind: 'directory' | 's3' | 'artifact';
  readonly capabilities: StoreCapabilities;
  /**
   * Looks for what writing takes beside the network, such as credentials, without asking the store itself. Left out: nothing.
   *
   * @throws ConfigError when it is not there
   */
  ready?(): Promise<void>;
  /**
   * Stores a stream under a new key.
   *
   * @returns what was written, measured while writing
   * @throws StoreError when it can't be written (nothing is left under the key) or when the key exists;
   *         whatever the stream throws
   */
  put(key: string, content: Readable): Promise<StoredObject>;
  /** @throws StoreError when there is no such object or it can't be read (also as an error of the stream) */
  get(key: string): Promise<Readable>;
  /** The object's size in bytes; null when there is none. */
  size(key: string): Promise<number | null>;
  /** All keys below a folder, sorted; empty when there is none. Unfinished objects are not among them. */
  list(folder: string): Promise<string[]>;
  /** Removes an object; one that is not there is no error. */
  remove(key: string): Promise<void>;
}

export interface StoredObject {
  sizeBytes: number;
  digest: string;
}

export interface StoreCapabilities {
  /** Days after which the store itself deletes; null: never. */
  maxRetentionDays: number | null;
  /** Whether objects can't be changed or removed for a time. */
  isImmutable: boolean;
  /** Largest object; null: no limit of its own. */
  maxSizeBytes: number | null;
}
