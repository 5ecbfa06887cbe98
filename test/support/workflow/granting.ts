/**
 * Changes what the token of one job may do, for `edit` of a run.
 *
 * @throws Error when the job has no such grant, so that the test would show nothing
 */
export function granting(file: string, job: string, scope: string, level: 'none' | 'read') {
  return (text: string, name: string): string => {
    if (name !== file) return text;
    const start = text.indexOf(`\n  ${job}:\n`);
    const grant = new RegExp(` ${scope}: (read|write) #`);
    const after = text.slice(start);
    if (start === -1 || !grant.test(after)) throw new Error(`${file} grants no ${scope} to ${job}.`);
    return text.slice(0, start) + after.replace(grant, ` ${scope}: ${level} #`);
  };
}
