import { type Github, githubClient, type Repository } from './client.ts';
import { apiUrlOf, githubContext, tokenOf } from './context.ts';

/** Whether a repository is public; whatever can't be seen to be private is taken to be. */
export function isPublic(github: Github, { owner, repo }: Repository): Promise<boolean> {
  return github.rest.repos.get({ owner, repo }).then(
    ({ data }) => data.private !== true,
    () => true,
  );
}

/** Whether the repository of the run that this is is public. */
export async function isPublicRun(env: NodeJS.ProcessEnv): Promise<boolean> {
  const context = githubContext(env);
  const token = tokenOf(env);
  return !context || !token || isPublic(githubClient({ token, apiUrl: apiUrlOf(env) }), context);
}
