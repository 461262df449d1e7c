/** Counts connections in all and by address, so that no client can take every place. */
export class ConnectionLimits {
  readonly #maxTotal: () => number
  readonly #maxPerAddress: () => number
  #total = 0
  readonly #byAddress = new Map<string, number>()

  /** The limits are asked for at each connection, because they may be changed while running. */
  constructor(maxTotal: () => number, maxPerAddress: () => number) {
    this.#maxTotal = maxTotal
    this.#maxPerAddress = maxPerAddress
  }

  get total(): number {
    return this.#total
  }

  /** Takes a place, or says why there is none. */
  enter(address: string): 'entered' | 'too-many-connections' | 'too-many-from-address' {
    const here = this.#byAddress.get(address) ?? 0
    if (this.#total >= this.#maxTotal()) return 'too-many-connections'
    if (here >= this.#maxPerAddress()) return 'too-many-from-address'
    this.#total++
    this.#byAddress.set(address, here + 1)
    return 'entered'
  }

  leave(address: string): void {
    const here = this.#byAddress.get(address) ?? 0
    this.#total--
    if (here > 1) this.#byAddress.set(address, here - 1)
    else this.#byAddress.delete(address)
  }
}
