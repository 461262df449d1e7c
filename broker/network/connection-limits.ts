import { networkOf, plainAddress } from '../../kit/index.ts'

/** The limits are asked for at each connection, because they may be changed while running. */
export interface ConnectionLimitOptions {
  maxTotal(): number
  /** Of one IPv4 address or one /64 network of IPv6: whoever has one address of it has all. */
  maxFromNetwork(): number
  /** The limit of an address for itself, instead of that of its network; null when it has none. */
  ownLimitOf(address: string): number | null
  maxOnListener(listener: string): number
}

/** Whose place a connection takes. */
export interface ConnectionPlace {
  readonly address: string
  readonly listener: string
}

/** Counts connections in all, by address and by listener, so that no client can take every place. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions
  readonly #byAddress = new Map<string, number>()
  readonly #byNetwork = new Map<string, number>()
  readonly #byListener = new Map<string, number>()
  #total = 0

  constructor(options: ConnectionLimitOptions) {
    this.#options = options
  }

  get total(): number {
    return this.#total
  }

  /** Takes a place, or says why there is none. */
  enter({
    address,
    listener,
  }: ConnectionPlace):
    | 'entered'
    | 'too-many-connections'
    | 'too-many-from-address'
    | 'too-many-on-listener' {
    const { maxTotal, maxOnListener } = this.#options
    const onListener = this.#byListener.get(listener) ?? 0
    if (this.#total >= maxTotal()) return 'too-many-connections'
    if (this.#isFull(address)) return 'too-many-from-address'
    if (onListener >= maxOnListener(listener)) return 'too-many-on-listener'
    this.#total++
    raise(this.#byAddress, address)
    raise(this.#byNetwork, networkOf(address))
    raise(this.#byListener, listener)
    return 'entered'
  }

  leave({ address, listener }: ConnectionPlace): void {
    this.#total--
    lower(this.#byAddress, address)
    lower(this.#byNetwork, networkOf(address))
    lower(this.#byListener, listener)
  }

  #isFull(address: string): boolean {
    const { maxFromNetwork, ownLimitOf } = this.#options
    const own = ownLimitOf(address)
    if (own !== null) return (this.#byAddress.get(address) ?? 0) >= own
    return (this.#byNetwork.get(networkOf(address)) ?? 0) >= maxFromNetwork()
  }
}

/** The exception for one address (`ADDRESS:COUNT`) among these; null when there is none. */
export function limitOfAddress(address: string, exceptions: readonly string[]): number | null {
  const exception = exceptions.find((text) => {
    const [excepted] = splitAtLastColon(text)
    return plainAddress(excepted.trim().toLowerCase()) === address
  })
  if (exception === undefined) return null
  const limit = Number(splitAtLastColon(exception)[1])
  return Number.isSafeInteger(limit) && limit >= 0 ? limit : null
}

function splitAtLastColon(text: string): readonly [string, string] {
  const colon = text.lastIndexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1)]
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** Keys with nothing to count are forgotten: addresses are as many as there are clients. */
function lower(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0
  if (count > 1) counts.set(key, count - 1)
  else counts.delete(key)
}
