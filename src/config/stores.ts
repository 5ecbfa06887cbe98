import { z } from 'zod';
import { retentionSchema } from './retention.ts';
import { secretReference } from './secret.ts';

/** The kinds of store in `holdfast.yml`. */

const common = {
  /** Instead of the retention of the whole file, for this store. */
  retention: retentionSchema.optional(),
};

const directory = z.strictObject({ type: z.literal('directory'), path: z.string().min(1), ...common });

const s3 = z.strictObject({
  type: z.literal('s3'),
  bucket: z.string().min(1),
  /** Folder in the bucket, without slashes at its ends. */
  prefix: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'folders of letters, digits, dots, hyphens, without slashes at the ends')
    .optional(),
  region: z.string().min(1).default('us-east-1'),
  /** Of R2, B2, MinIO, Garage and so on; left out for Amazon. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** `https://endpoint/bucket/key` instead of `https://bucket.endpoint/key`. */
  'path-style': z.boolean().default(false),
  /** Left out: the environment of the run, such as a role taken through OIDC. */
  'access-key-id': secretReference.optional(),
  'secret-access-key': secretReference.optional(),
  'session-token': secretReference.optional(),
  'storage-class': z.string().optional(),
  'server-side-encryption': z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']).optional(),
  'kms-key-id': z.string().optional(),
  /** Days in which nobody may delete or change what was stored; the bucket must have object lock. */
  'object-lock-days': z.int().min(1).max(36_500).optional(),
  'object-lock-mode': z.enum(['governance', 'compliance']).default('governance'),
  ...common,
});

const artifact = z.strictObject({
  type: z.literal('artifact'),
  /** GitHub deletes after that many days: at most 90 in a public repository, 400 in a private one. */
  'retention-days': z.int().min(1).max(400).default(90),
  ...common,
});

export const storeSchema = z.discriminatedUnion('type', [directory, s3, artifact]);

export type StoreConfig = z.infer<typeof storeSchema>;
export type S3Config = z.infer<typeof s3>;
export type ArtifactConfig = z.infer<typeof artifact>;
