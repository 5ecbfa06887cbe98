import { ConfigError } from '../lib/errors.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { explain, writing } from './s3-errors.ts';

/**
 * Finds credentials, in the configuration or in the environment, without asking the bucket. What may pass, such as a
 * service for roles that does not answer now, is left for when they are used.
 *
 * @throws ConfigError when there are none
 */
export async function requireCredentials({ client, storeName }: S3Bucket): Promise<void> {
  try {
    await client.config.credentials();
  } catch (error) {
    const explained = explain(error, storeName, writing);
    if (explained instanceof ConfigError) throw explained;
  }
}
