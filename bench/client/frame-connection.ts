import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

const READ_BUFFER_BYTES = 256 * 1024
const FIRST_FRAME_BYTES = 64 * 1024
const MAX_FRAME_BYTES = 128 * 1024 * 1024
const CONNECT_TIMEOUT_MS = 10_000

export interface Address {
  readonly host: string
  readonly port: number
  /** Whom a broker's certificate is to be signed by, in PEM; without TLS where it is left out. */
  readonly authority?: string
}

/**
 * A connection that sends encoded requests and hands out responses as frames, in order. It reads
 * into two buffers of its own and allocates nothing for each response, so that a load generator on
 * the same cores takes as little as it can from the broker that it measures.
 */
export class FrameConnection {
  /** Gets each response without its size. The bytes are overwritten by the next one: do not keep. */
  onFrame: (frame: Buffer) => void = () => {}
  /** Rejects when the connection breaks or `onFrame` throws; never when it was closed by `close`. */
  readonly failed: Promise<never>
  readonly #fail: (error: Error) => void
  readonly #socket: Socket
  readonly #prefix = Buffer.alloc(4)
  #frame = Buffer.allocUnsafe(FIRST_FRAME_BYTES)
  #frameBytes = -1
  #filled = 0
  #isClosed = false

  static async open(address: Address): Promise<FrameConnection> {
    const connection = new FrameConnection(address)
    await Promise.race([
      new Promise<void>((resolve) =>
        connection.#socket.once(
          address.authority === undefined ? 'connect' : 'secureConnect',
          resolve,
        ),
      ),
      connection.failed,
    ])
    connection.#socket.setTimeout(0)
    return connection
  }

  private constructor({ host, port, authority }: Address) {
    const { promise, reject } = Promise.withResolvers<never>()
    // Whoever waits for the connection's work also waits for this; nobody else needs to hear of it.
    promise.catch(() => {})
    this.failed = promise
    this.#fail = reject
    const options = {
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
        callback: (sizeBytes: number, buffer: Uint8Array) => this.#receive(buffer, sizeBytes),
      },
    }
    this.#socket =
      authority === undefined ? connect(options) : connectSecurely({ ...options, ca: authority })
    this.#socket.setTimeout(CONNECT_TIMEOUT_MS, () =>
      this.#socket.destroy(new Error(`no connection to ${host}:${port} in time`)),
    )
    this.#socket.on('error', reject)
    this.#socket.on('close', () => {
      if (!this.#isClosed) reject(new Error('the broker closed the connection'))
    })
  }

  /** Sends a whole frame. The bytes must stay as they are until its response has come. */
  send(frame: Uint8Array): void {
    this.#socket.write(frame)
  }

  close(): void {
    this.#isClosed = true
    this.#socket.destroy()
  }

  /** Answers of one read often come together; what they make us send then goes out together too. */
  #receive(buffer: Uint8Array, sizeBytes: number): boolean {
    this.#socket.cork()
    try {
      let at = 0
      while (at < sizeBytes && !this.#isClosed) at = this.#take(buffer, at, sizeBytes)
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      this.close()
    }
    this.#socket.uncork()
    return true
  }

  /** Takes what belongs to the current size or frame and answers where the rest begins. */
  #take(buffer: Uint8Array, at: number, end: number): number {
    if (this.#frameBytes < 0) {
      const next = Math.min(at + 4 - this.#filled, end)
      this.#prefix.set(buffer.subarray(at, next), this.#filled)
      this.#filled += next - at
      if (this.#filled === 4) this.#beginFrame(this.#prefix.readInt32BE(0))
      return next
    }
    const next = Math.min(at + this.#frameBytes - this.#filled, end)
    this.#frame.set(buffer.subarray(at, next), this.#filled)
    this.#filled += next - at
    if (this.#filled === this.#frameBytes) this.#endFrame()
    return next
  }

  #beginFrame(sizeBytes: number): void {
    if (sizeBytes < 4 || sizeBytes > MAX_FRAME_BYTES) throw new Error(`a frame of ${sizeBytes} B`)
    if (sizeBytes > this.#frame.length) this.#frame = Buffer.allocUnsafe(sizeBytes * 2)
    this.#frameBytes = sizeBytes
    this.#filled = 0
  }

  #endFrame(): void {
    const frame = this.#frame.subarray(0, this.#frameBytes)
    this.#frameBytes = -1
    this.#filled = 0
    this.onFrame(frame)
  }
}
