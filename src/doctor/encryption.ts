import { identityToRecipient } from 'age-encryption';
import { checkRecipient } from '../archive/age.ts';
import { type Finding, ok, problem, thrown, warning } from './finding.ts';

const about = 'encryption';

/**
 * Whether archives can be encrypted, and by somebody decrypted.
 *
 * @param recipients null: encryption was turned off
 * @param identities null: none was given, so nothing is said about them
 */
export async function checkEncryption(
  recipients: readonly string[] | null,
  identities: readonly string[] | null,
): Promise<Finding[]> {
  if (recipients === null) {
    const text = 'Encryption is off: whoever can read a store reads every row.';
    return [warning(about, text, 'Run `holdfast keygen` and write the recipient under encryption.')];
  }
  const findings: Finding[] = [];
  for (const recipient of new Set(recipients)) {
    try {
      await checkRecipient(recipient);
    } catch (error) {
      findings.push(thrown(about, error));
    }
  }
  if (findings.length > 0) return findings;
  const many = new Set(recipients).size;
  findings.push(ok(about, many === 1 ? 'The recipient is valid.' : `All ${many} recipients are valid.`));
  if (identities !== null) findings.push(...(await matchIdentities(recipients, identities)));
  return findings;
}

async function matchIdentities(
  recipients: readonly string[],
  identities: readonly string[],
): Promise<Finding[]> {
  const own = await Promise.all(
    identities.map((identity) => identityToRecipient(identity).catch(() => null)),
  );
  if (own.includes(null)) {
    const advice = 'It is a line that begins with AGE-SECRET-KEY-1, whole and unchanged.';
    return [problem(about, 'What was given as an identity is not valid.', advice)];
  }
  if (own.some((recipient) => recipients.includes(recipient!)))
    return [ok(about, 'The identity that was given decrypts what is encrypted now.')];
  return [
    problem(
      about,
      'The identity that was given fits none of the recipients: it could decrypt no new backup.',
      'Find the identity of a configured recipient, or add the recipient of this one. Keep this one: older backups may need it.',
    ),
  ];
}
