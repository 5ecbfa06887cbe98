import { z } from 'zod';
import { databaseName } from '../ledger/words.ts';
import { ConfigError } from '../lib/errors.ts';

/** All that `holdfast init` has to know; asked on a terminal, or given as options. */
export const answersSchema = z
  .strictObject({
    database: databaseName,
    source: z.enum(['postgres', 'crm-api']),
    /** Of the CRM. */
    appUrl: z.url({ protocol: /^https?$/, error: 'an address such as https://crm.example.com' }).nullable(),
    stores: z.array(z.enum(['artifact', 's3', 'directory'])).min(1, 'at least one store'),
    bucket: z.string().min(1).nullable(),
    region: z.string().regex(/^[\w-]+$/, 'a region such as eu-central-1'),
    /** Null: Amazon. */
    endpoint: z.url({ protocol: /^https?$/, error: 'an address such as https://s3.example.com' }).nullable(),
    folder: z.string().min(1).nullable(),
    heartbeat: z.boolean(),
    webhook: z.boolean(),
    /** Whether the status page is deployed to GitHub Pages. */
    pages: z.boolean(),
    siteUrl: z
      .url({ protocol: /^https?$/, error: 'an address such as https://owner.github.io/crm/' })
      .nullable(),
    /** Of the server, for restore tests. */
    postgresMajor: z.int().min(9).max(99).nullable(),
    /** Whose workflows are called, by commit: a tag can be moved. Null: this repository has them itself. */
    holdfast: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/, 'OWNER/REPO@SHA, with all 40 digits of the commit')
      .nullable(),
  })
  .superRefine((answers, context) => {
    const need = (field: 'appUrl' | 'bucket' | 'folder', why: string) => {
      if (answers[field] === null)
        context.addIssue({ code: 'custom', path: [field], message: `needed for ${why}` });
    };
    if (answers.source === 'crm-api') need('appUrl', 'a CRM that makes its backups itself');
    if (answers.stores.includes('s3')) need('bucket', 'a store of type s3');
    if (answers.stores.includes('directory')) need('folder', 'a store of type directory');
  });
export type Answers = z.infer<typeof answersSchema>;

/** The option of the command line that gives each. */
export const optionOf: Record<keyof Answers, string> = {
  database: '--database',
  source: '--source',
  appUrl: '--app-url',
  stores: '--store',
  bucket: '--bucket',
  region: '--region',
  endpoint: '--endpoint',
  folder: '--folder',
  heartbeat: '--heartbeat',
  webhook: '--webhook',
  pages: '--no-pages',
  siteUrl: '--site-url',
  postgresMajor: '--postgres-major',
  holdfast: '--holdfast-ref',
};

/** @throws ConfigError naming the option */
export function checkAnswers(given: unknown): Answers {
  const parsed = answersSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = optionOf[issue!.path[0] as keyof Answers] ?? 'an option';
  throw new ConfigError(`${option} is not right: ${issue!.message}. Nothing was written.`, {
    hint: '`holdfast init --help` lists the options.',
    publicReason: 'an option is not valid',
  });
}
