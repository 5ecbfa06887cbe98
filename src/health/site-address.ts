/** Where a page is served: as Pages' own action says it, or as the configuration does. */
export interface AddressOptions {
  /** The path it is served under, such as `/repository/`; left out: that of `siteUrl`. */
  base?: string | undefined;
  /** The whole address, such as `https://owner.github.io/repository/`, or its origin where `base` is given. */
  siteUrl?: string | null | undefined;
}

export interface SiteAddress {
  /** Undefined: the root of whatever serves it. */
  base: string | undefined;
  /** Ends in a slash; null when unknown: links in feeds stay relative then. */
  url: string | null;
}

export function siteAddress({ base, siteUrl }: AddressOptions): SiteAddress {
  const path = base === undefined || base === '' ? undefined : `/${base}/`.replace(/\/+/g, '/');
  if (!siteUrl) return { base: path, url: null };
  const given = new URL(siteUrl);
  const own = path ?? `${given.pathname}/`.replace(/\/+/g, '/');
  return { base: own, url: new URL(own, given.origin).href };
}
