import { receiptSchema } from '../archive/receipt.ts';
import { ConfigError } from '../lib/errors.ts';

/** What must not be uploaded: everyone who may read a public repository may download its artifacts. */

const ageHeader = 'age-encryption.org/v1\n';
const secrets = /AGE-SECRET-KEY-1|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Whether a key can only mean an archive in clear, which is worth refusing before the database is read. */
export function isClearArchive(key: string): boolean {
  return key.endsWith('/archive.tar');
}

/**
 * Judges by the bytes, because a name proves nothing.
 *
 * @param content the beginning of it, or all of it
 * @param isPublic only asked when it matters
 * @throws ConfigError when it must not be uploaded
 */
export async function refuseExposure(content: Buffer, isPublic: () => Promise<boolean>): Promise<void> {
  const text = content.toString('latin1');
  if (text.startsWith(ageHeader)) return;
  if (secrets.test(text)) {
    throw new ConfigError('What was about to be uploaded looks like a private key. It was not uploaded.', {
      hint: 'A store takes archives and receipts. An identity belongs into a password manager.',
      publicReason: 'a private key was about to be uploaded',
    });
  }
  if (isReceipt(content) || !(await isPublic())) return;
  throw clearInPublic();
}

export function clearInPublic(): ConfigError {
  return new ConfigError(
    'Artifacts of this repository can be downloaded by anyone, and the backup is not encrypted. Nothing was uploaded.',
    {
      hint: 'Give recipients under encryption:, or use another store. If the repository is private, the token must be able to see that.',
      publicReason: 'an unencrypted backup was about to be published',
    },
  );
}

/** A receipt is public by its nature. */
function isReceipt(content: Buffer): boolean {
  try {
    return receiptSchema.safeParse(JSON.parse(content.toString('utf8'))).success;
  } catch {
    return false;
  }
}
