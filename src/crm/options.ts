import type pg from 'pg';
import { z } from 'zod';
import { ConfigError } from '../lib/errors.ts';
import { type AuditEvent, logFailures } from './audit.ts';
import { minimumKeyLength } from './authenticate.ts';
import { missionRules, preRestoreTrigger, type Rule, triggerWord } from './rules.ts';

/** What `createBackupEndpoint` takes. Only the first two are needed. */
export interface EndpointOptions {
  /** `pg.Pool`, or anything whose `connect` gives a client to release. One connection is enough. */
  pool: Pick<pg.Pool, 'connect'>;
  /** Of `x-api-key`, at least 16 characters; several while one is being replaced. Without one, every request is refused. */
  apiKey: string | readonly string[] | undefined;
  /** Where the tables are. Default `public`. */
  schema?: string;
  /** Member of the JSON → table. Default `{ enquiries: 'enquiries', staff: 'staff' }`; those two must be there. */
  tables?: Record<string, string>;
  /** Default `/api/admin/backup`; what a proxy or a base path puts before it does not matter. */
  path?: string;
  /** `BACKUP_RETENTION_DAYS`. Default 30. */
  retentionDays?: number;
  /** Default 20. */
  keepLast?: number;
  /** More trigger words, each with its least minutes between two backups; null: always. */
  triggers?: Record<string, number | null>;
  /** Default 120 for each key, counted in this process. */
  requestsPerMinute?: number;
  /** Default 16 KB: requests are small, answers may be large. */
  maxBodyBytes?: number;
  /** How long a statement may take; default 5 minutes. */
  statementTimeoutMs?: number;
  /** How long to wait for a lock; default 10 s. */
  lockTimeoutMs?: number;
  /** Told of everything that the audit table has, and of refusals, which it has not. Default: failures to stderr. */
  audit?: (event: AuditEvent) => void;
  /** Who is asking, for the audit log. Default: `user-agent` and the first of `x-forwarded-for`. */
  identify?: (request: Request) => { actor: string | null; address: string | null };
  /** Milliseconds, for the rate limit only: rules and retention go by the database's clock. */
  now?: () => number;
}

const name = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 63 && !text.includes('\0'), 'no name of a table');
const member = z.string().regex(/^[A-Za-z]\w{0,62}$/, 'letters, digits and _');
const count = z.int().nonnegative();

const schema = z.object({
  schema: name.default('public'),
  tables: z
    .record(member, name)
    .default({ enquiries: 'enquiries', staff: 'staff' })
    .refine((tables) => 'enquiries' in tables && 'staff' in tables, 'enquiries and staff must be there')
    .refine(
      (tables) => !['timestamp', 'version', 'trigger'].some((word) => word in tables),
      'a reserved name',
    )
    .refine((tables) => new Set(Object.values(tables)).size === Object.keys(tables).length, 'a table twice')
    .refine(
      (tables) => !Object.values(tables).some((table) => /^backup(s|_requests|_audit)$/.test(table)),
      'the backups themselves are not backed up',
    ),
  path: z
    .string()
    .regex(/^(\/[\w.-]+)+$/, 'as in /api/admin/backup')
    .default('/api/admin/backup'),
  retentionDays: z.number().nonnegative().finite().default(30),
  keepLast: count.default(20),
  triggers: z.record(z.string(), z.number().positive().nullable()).default({}),
  requestsPerMinute: z.int().positive().default(120),
  maxBodyBytes: z.int().positive().default(16_384),
  statementTimeoutMs: z.int().positive().default(300_000),
  lockTimeoutMs: z.int().positive().default(10_000),
});

/** Options checked, with their defaults. */
export type Settings = Omit<z.infer<typeof schema>, 'triggers'> &
  Required<Pick<EndpointOptions, 'pool' | 'audit' | 'identify' | 'now'>> & {
    keys: readonly string[];
    rules: readonly Rule[];
  };

/**
 * A missing key does not throw: a build imports the routes where no secrets are, and must not fail.
 *
 * @throws ConfigError naming the option that makes no sense
 */
export function settingsOf(options: EndpointOptions): Settings {
  const result = schema.safeParse(options);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new ConfigError(`The backup endpoint's option ${issue.path.join('.')} is wrong: ${issue.message}.`);
  }
  const { triggers, ...plain } = result.data;
  return {
    ...plain,
    pool: options.pool,
    keys: [options.apiKey ?? []].flat().filter((key) => key.length >= minimumKeyLength),
    rules: [...missionRules, ...ownRules(triggers)],
    audit: options.audit ?? logFailures,
    identify: options.identify ?? identify,
    now: options.now ?? Date.now,
  };
}

function ownRules(triggers: Record<string, number | null>): Rule[] {
  const taken = [preRestoreTrigger, ...missionRules.flatMap(({ words }) => words)].map(triggerWord);
  return Object.entries(triggers).map(([text, minimumMinutes]) => {
    const word = triggerWord(text);
    if (taken.includes(word) || !/^\w{1,64}$/.test(word)) {
      throw new ConfigError(
        `The backup endpoint's trigger ${JSON.stringify(text)} is taken, or is no single word.`,
      );
    }
    return { name: word, words: [word], minimumMinutes };
  });
}

function identify(request: Request) {
  const address = request.headers.get('x-forwarded-for')?.split(',')[0]?.trim();
  return { actor: request.headers.get('user-agent'), address: address || null };
}
