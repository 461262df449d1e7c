/** Where this machine reaches a listener of its own: an address for all addresses is this one too. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
