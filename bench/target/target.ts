import type { Address } from '../client/connections.ts'

/** A broker that loads can be run against. */
export interface Target {
  readonly name: 'Glasslog' | 'Apache Kafka' | 'running broker'
  readonly version: string
  readonly address: Address
  readonly pid: number | null
  /** How it was started, for a person who wants to do the same. */
  readonly command: string
  /** Stops it and removes its data. Idempotent, bounded. */
  stop(): Promise<void>
}

/** Reads `HOST:PORT`; null when it is not one. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port < 1 || port > 65_535) return null
  return { host: match[1] ?? match[2] ?? '', port }
}

/** A broker that somebody else runs; it is left running. */
export function attachTo(address: Address): Target {
  return {
    name: 'running broker',
    version: '',
    address,
    pid: null,
    command: `--bootstrap ${address.host}:${address.port}`,
    stop: () => Promise.resolve(),
  }
}
