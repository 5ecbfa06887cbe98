/**
 * The address of a page or file of this site, whatever base path it is served under.
 *
 * @param path without a leading slash; a page's ends in a slash
 */
export function href(path: string): string {
  return import.meta.env.BASE_URL.replace(/\/*$/, '/') + path;
}
