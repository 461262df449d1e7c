import type { AdvertisedEndpoint } from './handlers/index.ts'

/** "All addresses" is none that a client could connect to: it is told the one that it came by. */
const ALL_ADDRESSES: readonly string[] = ['0.0.0.0', '::']

/** What a client that came by a listener is told. `process` is for listeners that say nothing themselves. */
export function advertisedEndpoint(
  process: { readonly host: string | null; readonly port: number | null },
  configured: AdvertisedEndpoint | null,
  bound: AdvertisedEndpoint,
  localAddress: string,
): AdvertisedEndpoint {
  // A port of 0 stands for the one that was bound, in what is advertised as well.
  if (configured) return { host: configured.host, port: configured.port || bound.port }
  const reachable = ALL_ADDRESSES.includes(bound.host) ? localAddress : bound.host
  return { host: process.host ?? reachable, port: process.port ?? bound.port }
}
