import { githubClient } from '../github/client.ts';
import { apiUrlOf, githubContext, tokenOf } from '../github/context.ts';

/** Whether the run's repository is public; taken to be when GitHub doesn't say. */
export async function isPublicRepository(env: NodeJS.ProcessEnv): Promise<boolean> {
  const context = githubContext(env);
  const token = tokenOf(env);
  if (!context || !token) return true;
  const github = githubClient({ token, apiUrl: apiUrlOf(env) });
  const { owner, repo } = context;
  return github.rest.repos.get({ owner, repo }).then(
    ({ data }) => !data.private,
    () => true,
  );
}
