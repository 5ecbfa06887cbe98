import { githubContext } from '../github/context.ts';
import { ConfigError } from '../lib/errors.ts';
import type { RestArtifact } from './artifact-listing.ts';

/** What a store of artifacts can't do, said before or instead of doing it badly. */

/** @throws ConfigError outside of a job of GitHub Actions */
export function requireJob(name: string, env: Readonly<Record<string, string | undefined>>): void {
  if (env['ACTIONS_RUNTIME_TOKEN'] && env['ACTIONS_RESULTS_URL'] && githubContext(env)) return;
  throw new ConfigError(`Store ${name} cannot be written to from here.`, {
    hint: 'Artifacts can only be stored by a run of GitHub Actions, through the actions of Holdfast; reading works anywhere with GH_TOKEN.',
    publicReason: 'artifacts can only be stored by a run of GitHub Actions',
  });
}

/** The client only warns and stores for a shorter time. @param limitDays NaN when not known */
export function refuseClamping(name: string, askedDays: number, limitDays: number): void {
  if (!(limitDays < askedDays)) return;
  throw new ConfigError(
    `Store ${name} is to keep artifacts for ${askedDays} days, and this repository keeps them for ${limitDays}.`,
    {
      hint: `Write retention-days: ${limitDays}, or raise the limit: Settings → Actions → General → Artifact and log retention.`,
      publicReason: 'the repository does not keep artifacts as long as is configured',
    },
  );
}

/** Whole days from an artifact's making to its end; NaN when not known. */
export function daysOf(artifact: RestArtifact | undefined): number {
  return Math.round(
    (Date.parse(artifact?.expiresAt ?? '') - Date.parse(artifact?.createdAt ?? '')) / 86_400_000,
  );
}

export function empty(name: string): ConfigError {
  return new ConfigError(`Nothing at all was about to be put into store ${name}.`, {
    hint: 'An artifact without content would look like a copy and be none. Nothing was uploaded.',
    publicReason: 'the archive was empty',
  });
}
