import type { CrmAddress } from '../source/crm-api/address.ts';
import { Passing } from '../source/crm-api/passing.ts';
import { send } from '../source/crm-api/request.ts';
import { compareClocks } from './clock.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** A list of backups is far smaller. */
const maxBytes = 50_000_000;

export interface CrmToCheck {
  about: string;
  address: CrmAddress;
  /** Whether the CRM's database can be read too, when there is no download. */
  hasDatabase: boolean;
  now(): number;
  signal: AbortSignal;
}

/** Whether a CRM answers and takes the key. It is asked for its list and makes no backup. */
export async function checkCrm({ about, address, hasDatabase, now, signal }: CrmToCheck): Promise<Finding[]> {
  const before = now();
  const request = { method: 'GET' as const, url: address.backup, maxBytes };
  const { status, headers } = await send(address, request, { fetch, signal }).catch((error) => {
    throw error instanceof Passing ? error.reason : error;
  });
  const findings = [answerOf(about, status)];
  if (address.download === null && !hasDatabase) {
    findings.push(
      warning(
        about,
        'It has no download: its backups stay inside the database that they protect.',
        'Mount a download in the CRM (docs/crm.md), or give the URL of its database.',
      ),
    );
  }
  const date = headers.get('date');
  findings.push(
    ...compareClocks(about, 'the CRM', date === null ? null : Date.parse(date), (before + now()) / 2),
  );
  return findings;
}

function answerOf(about: string, status: number): Finding {
  const keyAdvice = 'Set the secret behind api-key to the key that the CRM has.';
  const pathAdvice = 'Mend app-url and backup-path, and look at the log of the CRM.';
  if (status >= 200 && status < 300) return ok(about, 'The CRM answers, and takes the key.');
  if (status === 401 || status === 403) return problem(about, 'The CRM does not take the key.', keyAdvice);
  if (status === 404) return problem(about, 'The CRM has no such route.', pathAdvice);
  // A CRM without a list; only a backup would tell whether it takes the key.
  if (status === 405) return ok(about, 'The CRM answers; it has no list to try the key with.');
  if (status === 429) return warning(about, 'The CRM has been asked too much lately.', 'Try again later.');
  return problem(about, `The CRM answers with ${status}.`, pathAdvice);
}
