import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { askAnswers, type Draft } from '../../src/cli/init-wizard.ts';
import { failureOf, within } from '../support/pieces.ts';

const draft: Draft = {
  ...{ database: 'crm', source: 'postgres', appUrl: null, stores: ['artifact'], bucket: null },
  ...{ region: 'us-east-1', endpoint: null, folder: null, heartbeat: false, webhook: false, pages: true },
  ...{ siteUrl: null, postgresMajor: null, holdfast: `acme/holdfast@${'a'.repeat(40)}` },
  identityOut: '/home/ada/identity.txt',
};

const [enter, down, space, backspace, breakOff] = ['\r', '\u001b[B', ' ', '\u007f', '\u0003'];

/** Answers each question, once it is on the screen, with these keys; others as they are offered. */
async function ask(replies: Record<string, string[]>, start = draft) {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { columns: 120, rows: 40 });
  let screen = '';
  let answered = 0;
  output.on('data', (part) => {
    screen += part;
  });
  const asking = askAnswers(start, { input, output });
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  asking.then(end, end);
  const typing = (async () => {
    while (!isOver) {
      await delay(15);
      // The mark of a question that waits for its answer.
      const at = screen.lastIndexOf('◆');
      if (at < answered) continue;
      const question = Object.keys(replies).find((words) => screen.slice(at).includes(words));
      answered = screen.length;
      for (const key of [...(question ? replies[question]! : []), enter]) {
        if (isOver) break;
        input.write(key);
        await delay(5);
      }
    }
  })();
  try {
    return { result: await within(8000, asking), screen };
  } finally {
    isOver = true;
    await typing;
  }
}

test('what the options said is offered, and Enter takes it', async () => {
  expect((await ask({})).result).toEqual({ ...draft, endpoint: null });
});

test('what is typed is taken, and only what matters is asked', async () => {
  const { result, screen } = await ask({
    'Name of the bucket': [...'crm-backups'],
    'Where do backups go?': [space, down, space],
    'outside alarm': ['y'],
    'Major version': [...'17'],
  });
  expect(result).toMatchObject({
    stores: ['s3'],
    bucket: 'crm-backups',
    heartbeat: true,
    webhook: false,
    postgresMajor: 17,
  });
  expect(screen).not.toContain('Which folder?');
  expect(screen).not.toContain('Where is the CRM served?');
});

test('a wrong answer is asked again', async () => {
  const wrong = [...'X'];
  const { result, screen } = await ask({
    'What to call the database': [...wrong, enter, backspace],
  });
  expect(result.database).toBe('crm');
  expect(screen).toContain('lower-case letters');
});

test('breaking off writes nothing', async () => {
  expect(await failureOf(ask({ 'Where do backups go?': [breakOff] }))).toMatchObject({
    name: 'ConfigError',
    message: 'You broke off. Nothing was written.',
  });
});
