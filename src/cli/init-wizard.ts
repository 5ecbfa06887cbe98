import type { Readable, Writable } from 'node:stream';
import { confirm, intro, isCancel, multiselect, outro, select, text } from '@clack/prompts';
import { type Answers, answersSchema } from '../init/answers.ts';
import { runsOnGithub } from '../init/holdfast-yml.ts';
import { ConfigError } from '../lib/errors.ts';

/** The answers before they are checked, and where a new identity goes. */
export interface Draft extends Answers {
  identityOut: string;
}

export interface Terminal {
  signal?: AbortSignal;
  input?: Readable;
  output?: Writable;
}

/**
 * Asks for what the options did not say; what they did say is offered as it is.
 *
 * @throws ConfigError when the person breaks off
 */
export async function askAnswers(draft: Draft, terminal: Terminal): Promise<Draft> {
  const ask = asker(terminal);
  const answers = { ...draft };
  intro('Holdfast: backups that prove they restore', terminal);
  answers.database = await ask.text('database', 'What to call the database (public)', draft.database);
  answers.source = await ask.choice('How are its rows reached?', draft.source, [
    { value: 'postgres', label: 'PostgreSQL', hint: 'a URL of the database' },
    { value: 'crm-api', label: 'Its CRM', hint: 'the CRM makes the backup, we bring it out' },
  ]);
  if (answers.source === 'crm-api')
    answers.appUrl = await ask.text('appUrl', 'Where is the CRM served?', draft.appUrl ?? '');
  answers.stores = await ask.choices('Where do backups go?', draft.stores, [
    { value: 'artifact', label: 'GitHub artifacts', hint: 'no account needed; 90 days at most' },
    { value: 's3', label: 'S3', hint: 'Amazon, R2, B2, MinIO, Garage …' },
    { value: 'directory', label: 'A folder', hint: 'of a machine of your own' },
  ]);
  if (answers.stores.includes('s3')) {
    answers.bucket = await ask.text('bucket', 'Name of the bucket', draft.bucket ?? '');
    answers.region = await ask.text('region', 'Its region', draft.region);
    answers.endpoint = await ask.optional('endpoint', 'Its endpoint (empty: Amazon)', draft.endpoint);
  }
  if (answers.stores.includes('directory'))
    answers.folder = await ask.text('folder', 'Which folder?', draft.folder ?? 'backups');
  answers.heartbeat = await ask.yesNo('Ping an outside alarm, such as healthchecks.io?', draft.heartbeat);
  answers.webhook = await ask.yesNo('Tell a chat when health changes?', draft.webhook);
  if (runsOnGithub(answers)) {
    answers.pages = await ask.yesNo('Publish the status page on GitHub Pages?', draft.pages);
    const major = await ask.optional(
      'postgresMajor',
      'Major version of your PostgreSQL, for restore tests (empty: not known)',
      draft.postgresMajor === null ? null : String(draft.postgresMajor),
    );
    answers.postgresMajor = major === null ? null : Number(major);
    if (draft.holdfast !== null)
      answers.holdfast = await ask.text(
        'holdfast',
        'Which Holdfast to call (OWNER/REPO@SHA)',
        draft.holdfast,
      );
  }
  answers.identityOut = await ask.text(null, 'Where does the new identity go?', draft.identityOut);
  outro('That is all.', terminal);
  return answers;
}

function asker(terminal: Terminal) {
  const given = <T>(answer: T): Exclude<T, symbol> => {
    if (!isCancel(answer)) return answer as Exclude<T, symbol>;
    throw new ConfigError('You broke off. Nothing was written.', { publicReason: 'it was broken off' });
  };
  const textOf = async (field: keyof Answers | null, message: string, initial: string, isOptional: boolean) =>
    given(
      await text({
        message,
        ...terminal,
        ...(initial === '' ? {} : { initialValue: initial }),
        validate: (value = '') => {
          if (value === '') return isOptional ? undefined : 'It is needed.';
          return field === null ? undefined : complaintAbout(field, value);
        },
      }),
    );
  return {
    text: (field: keyof Answers | null, message: string, initial: string) =>
      textOf(field, message, initial, false),
    optional: async (field: keyof Answers, message: string, initial: string | null) =>
      (await textOf(field, message, initial ?? '', true)) || null,
    yesNo: async (message: string, initialValue: boolean) =>
      given(await confirm({ message, initialValue, ...terminal })),
    choice: async <T extends string>(
      message: string,
      initialValue: T,
      options: { value: T; label: string; hint: string }[],
    ) => given(await select<string>({ message, initialValue, options, ...terminal })) as T,
    choices: async <T extends string>(
      message: string,
      initialValues: T[],
      options: { value: T; label: string; hint: string }[],
    ) =>
      given(
        await multiselect<string>({ message, initialValues, options, required: true, ...terminal }),
      ) as T[],
  };
}

function complaintAbout(field: keyof Answers, value: string): string | undefined {
  const typed = field === 'postgresMajor' ? Number(value) : value;
  return answersSchema.shape[field].safeParse(typed).error?.issues[0]?.message;
}
