import { type Mutant, of } from './mutant.ts';

/** Mistakes in what reads bytes from outside: archives, stores, listings, a CRM. */

const archive = ['test/unit/archive/'];

export const readingMutants: Mutant[] = [
  ...of('src/archive/read-dump.ts', archive, {
    'if (names.has(entry.name)) throw damaged(`entry ${entry.name} comes twice`);': '',
    "if (!manifestEntry) throw damaged('it ends before its manifest');": '',
    'if (lacking) throw damaged(`entry ${lacking} is missing`);': '',
    'rows.compare(manifest);': '',
    'streams?.finish();': '',
    'if (found.digest !== expected.digest) throw damaged(': 'if (false) throw damaged(',
    'contentRoot(manifest) === manifest.contentRoot': 'true',
    'if (entry.digest !== receipt.manifestDigest) throw damaged(': 'if (false) throw damaged(',
    'if (options.entries && (promised?.name !== entry.name || promised.digest !== entry.digest))':
      'if (false)',
  }),
  ...of('src/archive/reader.ts', archive, {
    'if (bytesRead.digest() !== digest)': 'if (false)',
    'if (bytesRead.sizeBytes !== sizeBytes)': 'if (false)',
    "if (type !== 'file' || !expectedNames.test(name))": 'if (!expectedNames.test(name))',
    '|| !expectedNames.test(name))': ')',
    'if (sizeBytes > limit) throw': 'if (false) throw',
  }),
  ...of('src/store/s3-download.ts', ['test/contract/s3-given-up.test.ts'], {
    "(answer.Body as Readable).on('error', () => {});": '',
  }),
  ...of('src/store/fan-out.ts', ['test/unit/store/fan-out.test.ts'], {
    'stored.sizeBytes === sent.sizeBytes && stored.digest === sent.digest':
      'stored.sizeBytes === sent.sizeBytes',
  }),
  ...of('src/store/artifact-listing.ts', ['test/contract/artifact-hostile.test.ts'], {
    "if (pagesSeen.has(mark)) throw strange('it goes round in circles');": '',
    'isFromFork: !isOfRepository': 'isFromFork: false',
  }),
  ...of('src/source/crm-api/json-copy.ts', ['test/unit/crm-api/hostile-answers.test.ts'], {
    'Object.hasOwn(row, name) ? row[name] : undefined': 'row[name]',
  }),
  ...of('src/source/crm-api/document.ts', ['test/unit/crm-api/hostile-answers.test.ts'], {
    "if (membersIn(value) !== measure.members) throw notAsPromised('a member of an object comes twice');": '',
    'if (values > mostValues) throw tooMany(mostValues);': '',
  }),
  ...of('src/lib/on-abort.ts', ['test/unit/on-abort.test.ts'], {
    'work.then(tooLate).catch(() => {});': '',
  }),
  ...of('src/github/client.ts', ['test/contract/artifact-hostile.test.ts'], {
    'if (new URL(String(input)).origin === origin) return fetch(input, init);':
      'if (origin) return fetch(input, init);',
  }),
];
