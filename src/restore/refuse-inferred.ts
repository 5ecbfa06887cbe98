import type { Receipt } from '../archive/receipt.ts';
import { ConfigError } from '../lib/errors.ts';

/**
 * A backup that was downloaded from a CRM has the rows of some tables, and none of their keys and constraints: in place of
 * a real database it would be a loss.
 *
 * @throws ConfigError for such a backup
 */
export function refuseInferred({ id, source }: Receipt): void {
  if (source !== 'crm-api') return;
  throw new ConfigError(
    `${id} is a backup of the CRM's own making: rows as JSON, without the keys and constraints of its tables. The target is as it was.`,
    {
      hint: 'The CRM restores its backups itself, see docs/crm-source.md; `holdfast export` writes the rows, and restore.sh in the archive fills an empty database.',
      publicReason: 'a backup downloaded from a CRM cannot replace a database',
    },
  );
}
