import { type Mutant, of } from './mutant.ts';

/** Of a change of keys: what must never go, and what must never be taken for a replacement. */

const tests = ['test/unit/rekey'];

export const rekeyMutants: Mutant[] = [
  ...of('src/rekey-retire.ts', tests, {
    'if (proof.isReadable) this.#due': 'this.#due',
    "isReadable: error === null && checked.rung === 'readable'": 'isReadable: true',
    'if (identities.length === 0) {': 'if (false) {',
  }),
  ...of('src/rekey-plan.ts', tests, {
    '!known.refuted && ': '',
    "!hasVouched || vouching === 'vouched'": 'true',
    "vouchFor(receipt, records) !== 'other'": 'true',
    'generations.filter(({ known, copies }) => known && ': 'generations.filter(({ known, copies }) => ',
    'own.size === recipients.size && ': '',
  }),
  ...of('src/rekey-replace.ts', tests, {
    "vouched: from.vouching === 'vouched',": 'vouched: true,',
    'taken: { trigger, finishedAt, durationMs },':
      'taken: { trigger, finishedAt: new Date(deps.now()).toISOString(), durationMs },',
    'if (copies.length < stores.length) throw incomplete(stores, copies);': '',
  }),
  ...of('src/store/rekey-archive.ts', tests, { 'new CheckedBytes(from, step), ': '' }),
  ...of('src/archive/receipt.ts', tests, {
    'parsed.success && isOfItsSnapshot(parsed.data)': 'parsed.success',
  }),
  ...of('src/retention/plan-snapshots.ts', tests, {
    'rekeyedFrom ?? id);': 'id);',
    'same.find(({ held }) => held !== null)?.held ?? null': 'best!.held',
  }),
];
