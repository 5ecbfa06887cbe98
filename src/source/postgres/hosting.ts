/**
 * What to change in a URL so that it leads past a transaction-mode pooler, for services whose pooler is known by its
 * name. Null when the name says nothing; behaviour decides, never the name.
 */
export function pastThePooler(host: string, port: number): string | null {
  if (/-pooler\./.test(host))
    return 'This looks like Neon’s pooler: use the direct host, the same name without "-pooler".';
  if (/\.pooler\.supabase\./.test(host) && port === 6543)
    return 'This looks like Supabase’s transaction pooler: use its session pooler, the same host with port 5432.';
  if (/\.supabase\.co$/.test(host) && port === 6543)
    return 'This looks like Supabase’s dedicated pooler: use the direct connection with port 5432, or the session pooler.';
  if (port === 6543 || port === 6432)
    return `Port ${port} is usually a pooler’s: use the server’s own port, or the pooler’s session mode.`;
  return null;
}

/** What to do about a host that has only an IPv6 address. */
export function pastIpv6(host: string): string {
  const here = 'GitHub’s hosted runners have no IPv6.';
  if (/\.supabase\.co$/.test(host))
    return `Use Supabase’s session pooler (Connect → Session pooler, port 5432), or its IPv4 add-on. ${here}`;
  return `Use a host that has an IPv4 address, such as the provider’s session pooler or its IPv4 add-on, or run where there is IPv6. ${here}`;
}
