/** What a read gets at least, so that everybody goes on when memory is short. */
const MIN_GRANT_BYTES = 256 * 1024
/** A read gets at most this part of what is left, so that the next one finds something too. */
const LARGEST_SHARE = 4

/**
 * Bounds the bytes of records that are on their way from the log to clients, over all connections.
 * They take memory from the read until the socket has taken them, which a slow client can make long.
 * When there is little left, reads are made smaller, not slower: a client may always be given less
 * than it asked for. So at most the limit is in use, and a small read for each client beyond it.
 */
export class FetchMemory {
  readonly limitBytes: number
  #usedBytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Takes memory for a read of at most `wantedBytes`; answers how many bytes it may read. */
  take(wantedBytes: number): number {
    const share = Math.floor((this.limitBytes - this.#usedBytes) / LARGEST_SHARE)
    const granted = Math.min(wantedBytes, Math.max(MIN_GRANT_BYTES, share))
    this.#usedBytes += granted
    return granted
  }

  /** What was granted turned out to be `bytes`: fewer, or more when a single batch is larger. */
  settle(granted: number, bytes: number): void {
    this.#usedBytes += bytes - granted
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes
  }
}
