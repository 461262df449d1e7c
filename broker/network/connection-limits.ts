/** The limits are asked for at each connection, because they may be changed while running. */
export interface ConnectionLimitOptions {
  maxTotal(): number
  maxFromAddress(address: string): number
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
    const { maxTotal, maxFromAddress, maxOnListener } = this.#options
    const fromAddress = this.#byAddress.get(address) ?? 0
    const onListener = this.#byListener.get(listener) ?? 0
    if (this.#total >= maxTotal()) return 'too-many-connections'
    if (fromAddress >= maxFromAddress(address)) return 'too-many-from-address'
    if (onListener >= maxOnListener(listener)) return 'too-many-on-listener'
    this.#total++
    this.#byAddress.set(address, fromAddress + 1)
    this.#byListener.set(listener, onListener + 1)
    return 'entered'
  }

  leave({ address, listener }: ConnectionPlace): void {
    this.#total--
    lower(this.#byAddress, address)
    lower(this.#byListener, listener)
  }
}

/** The limit of one address: its exception (`ADDRESS:COUNT`) among these, or the one for all. */
export function limitOfAddress(
  address: string,
  exceptions: readonly string[],
  forAll: number,
): number {
  const exception = exceptions.find(
    (text) => text.slice(0, text.lastIndexOf(':')).trim() === address,
  )
  const limit = Number(exception?.slice(exception.lastIndexOf(':') + 1))
  return Number.isSafeInteger(limit) && limit >= 0 ? limit : forAll
}

/** Keys with nothing to count are forgotten: addresses are as many as there are clients. */
function lower(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0
  if (count > 1) counts.set(key, count - 1)
  else counts.delete(key)
}
