/** Whether a host name or address can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The name in a `Host` header, without its port. */
export function hostnameOf(hostHeader: string): string {
  return hostHeader.trim().replace(/:\d*$/, '');
}
