import { IntegrityError } from '../../lib/errors.ts';
import { untouched } from './explain-network.ts';

/** @param what such as `its timestamp is of yesterday`; may name values, and is not published */
export function notAsPromised(
  what: string,
  publicReason = 'the CRM’s backup is not what it should be',
): IntegrityError {
  return new IntegrityError(`The CRM’s backup is not used: ${what}. ${untouched}`, {
    hint: 'docs/crm-source.md says what is accepted. Download it by hand and look at it.',
    publicReason,
  });
}
