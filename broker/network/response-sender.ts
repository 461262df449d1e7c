import type { Writable } from 'node:stream'
import type { Clock } from '../../kit/index.ts'

/** Most bytes and pieces of one vectored write: small enough that a slow reader shows as no progress. */
const WRITE_BYTES = 1024 * 1024
const WRITE_PIECES = 512
/** Up to this, pieces are copied into one: cheaper than a list of them for the kernel. */
const JOIN_BYTES = 4 * 1024

/** One response on its way out. */
interface Outgoing {
  readonly pieces: readonly Uint8Array[]
  readonly sizeBytes: number
  /** Called once when the socket has taken all of it, or when the socket is gone. */
  readonly onTaken: () => void
}

/**
 * The write side of a connection: responses in the order given, several small ones in one system
 * call, large ones in several, so that progress can be seen and no other connection waits.
 */
export class ResponseSender {
  readonly #socket: Writable
  readonly #clock: Clock
  readonly #onProgress: () => void
  #queue: Outgoing[] = []
  /** How many pieces of the first response in the queue have been given to the socket. */
  #firstPiece = 0
  #isWriting = false
  #isScheduled = false
  #unsentBytes = 0
  #progressAtMs = 0
  #isClosed = false

  /** `onProgress` is called whenever the socket has taken bytes. */
  constructor(socket: Writable, clock: Clock, onProgress: () => void) {
    this.#socket = socket
    this.#clock = clock
    this.#onProgress = onProgress
  }

  /** Bytes given to `send` that the socket has not taken. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  /** How long a write has been waiting for the peer to read; 0 when none is. */
  stalledMs(nowMs: number): number {
    return this.#isWriting ? nowMs - this.#progressAtMs : 0
  }

  send(pieces: readonly Uint8Array[], sizeBytes: number, onTaken: () => void): void {
    if (this.#isClosed) {
      onTaken()
      return
    }
    const parts = sizeBytes > WRITE_BYTES ? pieces.flatMap(partsOf) : pieces
    this.#queue.push({ pieces: parts, sizeBytes, onTaken })
    this.#unsentBytes += sizeBytes
    this.#writeSoon()
  }

  /** The socket is gone: nobody reads the bytes any more. */
  close(): void {
    this.#isClosed = true
    this.#unsentBytes = 0
    const queue = this.#queue
    this.#queue = []
    for (const outgoing of queue) outgoing.onTaken()
  }

  /**
   * Writes once everything that is ready now has run: the journal makes many requests durable at
   * once, and their responses leave in one system call instead of two or three.
   */
  #writeSoon(): void {
    if (this.#isWriting || this.#isScheduled) return
    this.#isScheduled = true
    process.nextTick(() => {
      this.#isScheduled = false
      if (!this.#isWriting && this.#queue.length > 0) this.#write()
    })
  }

  #write(): void {
    const batch: Uint8Array[] = []
    let bytes = 0
    let finished = 0
    for (const outgoing of this.#queue) {
      let next = finished === 0 ? this.#firstPiece : 0
      while (next < outgoing.pieces.length && bytes < WRITE_BYTES && batch.length < WRITE_PIECES) {
        const piece = outgoing.pieces[next++] as Uint8Array
        batch.push(piece)
        bytes += piece.length
      }
      const isWhole = next === outgoing.pieces.length
      this.#firstPiece = isWhole ? 0 : next
      if (!isWhole) break
      finished++
    }
    this.#isWriting = true
    this.#progressAtMs = this.#clock.monotonicMs()
    this.#give(batch, bytes, (error) => {
      // After an error the socket closes, and `close` lets go of everything.
      if (!error) this.#written(bytes, finished)
    })
  }

  #give(
    batch: readonly Uint8Array[],
    bytes: number,
    onTaken: (error?: Error | null) => void,
  ): void {
    const last = batch.length - 1
    if (last > 0 && bytes <= JOIN_BYTES) {
      this.#socket.write(Buffer.concat(batch, bytes), onTaken)
      return
    }
    this.#socket.cork()
    for (let i = 0; i < last; i++) this.#socket.write(batch[i] as Uint8Array)
    this.#socket.write(batch[last] as Uint8Array, onTaken)
    this.#socket.uncork()
  }

  #written(bytes: number, finished: number): void {
    if (this.#isClosed) return
    this.#isWriting = false
    this.#unsentBytes -= bytes
    for (const outgoing of this.#queue.splice(0, finished)) outgoing.onTaken()
    if (this.#queue.length > 0) this.#write()
    this.#onProgress()
  }
}

/** A batch may have many mebibytes, of which a slow reader that takes a few a minute is no stalled one. */
function partsOf(piece: Uint8Array): Uint8Array | readonly Uint8Array[] {
  if (piece.length <= WRITE_BYTES) return piece
  const count = Math.ceil(piece.length / WRITE_BYTES)
  return Array.from({ length: count }, (_, index) =>
    piece.subarray(index * WRITE_BYTES, (index + 1) * WRITE_BYTES),
  )
}
