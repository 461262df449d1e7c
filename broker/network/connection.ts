import type { Socket } from 'node:net'
import type { Clock, Logger } from '../../kit/index.ts'
import type { BrokerServices, ConnectionView, Handler } from '../handlers/index.ts'
import type { RequestHost } from './active-request.ts'
import { ActiveRequest, FIXED_HEADER_BYTES } from './active-request.ts'
import type { BudgetReader, ByteBudget } from './byte-budget.ts'
import type { FrameFault } from './frame-assembler.ts'
import { FrameAssembler } from './frame-assembler.ts'
import type { FrameBuffers } from './frame-buffers.ts'
import type { NetworkSettings } from './network-settings.ts'
import {
  MAX_IN_FLIGHT_REQUESTS,
  MAX_OVERLAPPING_READS,
  MAX_UNSENT_BYTES,
  SLOW_FRAME_BYTES_PER_SECOND,
  SLOW_FRAME_MS,
  STALLED_SEND_MS,
} from './network-settings.ts'
import type { Receiver } from './receiving-socket.ts'
import { receivingSocket } from './receiving-socket.ts'
import { RequestPipeline } from './request-pipeline.ts'
import type { CloseReason, RequestStats } from './request-stats.ts'
import { ResponseSender } from './response-sender.ts'

/** What all connections of a server share. */
export interface ConnectionEnvironment {
  readonly handlers: ReadonlyMap<number, Handler>
  readonly services: BrokerServices
  readonly settings: NetworkSettings
  readonly stats: RequestStats
  readonly budget: ByteBudget
  readonly frameBuffers: FrameBuffers
  /** What sockets read into; what it holds is gone with the next read of any of them. */
  readonly receiveBuffer: Buffer
  readonly clock: Clock
  readonly logger: Logger
  /** Called once for each connection, when its socket is gone. */
  onGone(connection: Connection, reason: CloseReason, detail: string): void
}

export interface ConnectionIdentity {
  readonly id: number
  readonly address: string
  readonly localAddress: string
  readonly listener: string
}

/** One client's connection: frames in, responses out, and the bounds of both. */
export class Connection implements ConnectionView, RequestHost, BudgetReader, Receiver {
  readonly id: number
  readonly address: string
  readonly localAddress: string
  readonly listener: string
  readonly principal = 'User:ANONYMOUS'
  softwareName = 'unknown'
  softwareVersion = 'unknown'
  readonly openedAtMs: number
  requests = 0
  bytesIn = 0
  bytesOut = 0

  readonly view: ConnectionView = this
  readonly services: BrokerServices
  readonly clock: Clock
  readonly logger: Logger
  readonly #environment: ConnectionEnvironment
  readonly #socket: Socket
  readonly #assembler: FrameAssembler
  readonly #pipeline: RequestPipeline
  readonly #sender: ResponseSender
  readonly #closedListeners = new Set<() => void>()
  #heldBytes = 0
  #isPaused = false
  #lastActivityMs: number
  /** When the frame under way began, or reading it went on, and what had come of it by then. */
  #frameFromMs = 0
  #frameFromBytes = 0
  /** Why the connection takes no further requests; it ends when those it has are answered. */
  #ending: { readonly reason: CloseReason; readonly detail: string } | undefined
  #isHalfClosed = false

  constructor(accepted: Socket, identity: ConnectionIdentity, environment: ConnectionEnvironment) {
    this.id = identity.id
    this.address = identity.address
    this.localAddress = identity.localAddress
    this.listener = identity.listener
    this.#environment = environment
    this.services = environment.services
    this.clock = environment.clock
    this.logger = environment.logger
    this.openedAtMs = environment.clock.now()
    this.#lastActivityMs = environment.clock.monotonicMs()
    const { settings, frameBuffers, receiveBuffer } = environment
    this.#assembler = new FrameAssembler(settings.socketRequestMaxBytes, frameBuffers)
    this.#socket = receivingSocket(accepted, receiveBuffer, this)
    this.#sender = new ResponseSender(this.#socket, environment.clock, () => this.#onSent())
    this.#pipeline = new RequestPipeline(
      MAX_OVERLAPPING_READS,
      () => this.#sender.unsentBytes < MAX_UNSENT_BYTES,
    )
    this.#listen()
  }

  get isMidFrame(): boolean {
    return this.#assembler.isMidFrame
  }

  get requestsInFlight(): number {
    return this.#pipeline.size
  }

  onClosed(listener: () => void): () => void {
    if (this.#ending) {
      queueMicrotask(listener)
      return () => {}
    }
    this.#closedListeners.add(listener)
    return () => this.#closedListeners.delete(listener)
  }

  // What requests ask of their connection.

  settled(request: ActiveRequest): void {
    this.#pipeline.settle(request)
    this.#afterProgress()
  }

  send(pieces: readonly Uint8Array[], sizeBytes: number, onTaken: () => void): void {
    this.bytesOut += sizeBytes
    this.#environment.stats.bytesOut += sizeBytes
    this.#sender.send(pieces, sizeBytes, onTaken)
  }

  finish(reason: CloseReason, detail: string): void {
    this.#end(reason, detail)
    this.#pipeline.abandon()
    this.#afterProgress()
  }

  frameDone(sizeBytes: number): void {
    this.#environment.stats.requestsInFlight--
    this.#environment.budget.give(sizeBytes)
  }

  /** The budget has room again. */
  resume(): void {
    this.#updateReading()
  }

  // What the socket asks of its connection.

  get space(): Buffer | undefined {
    return this.#assembler.space
  }

  receive(chunk: Buffer): void {
    if (this.#ending) return
    const nowMs = this.clock.monotonicMs()
    this.#lastActivityMs = nowMs
    this.bytesIn += chunk.length
    this.#environment.stats.bytesIn += chunk.length
    const wasMidFrame = this.#assembler.isMidFrame
    const requestsBefore = this.requests
    const fault = this.#assembler.push(chunk, (frame) => this.#accept(frame))
    if (fault) this.#refuse(fault)
    this.#countHeldBytes()
    if (!this.#assembler.isMidFrame) this.#environment.budget.frameDone(this)
    else if (!wasMidFrame || this.requests !== requestsBefore) this.#watchFrameFrom(nowMs, 0)
    this.#updateReading()
  }

  // What the server asks of its connections.

  /** Takes no further requests, and closes once those in flight are answered. */
  stop(): void {
    this.#end('stopping', 'the broker stops')
    this.#afterProgress()
  }

  destroy(reason: CloseReason, detail: string): void {
    this.#end(reason, detail)
    this.#socket.destroy()
  }

  /** Called from time to time: closes a connection that is idle, or too slow to be honest. */
  checkDeadlines(nowMs: number): void {
    if (this.#sender.stalledMs(nowMs) > STALLED_SEND_MS) {
      this.destroy('stalled-send', 'the client does not read its responses')
      return
    }
    if (this.#isFrameTooSlow(nowMs)) {
      this.destroy('slow-frame', `${this.#assembler.heldBytes} bytes of a frame came`)
      return
    }
    const { connectionsMaxIdleMs } = this.#environment.settings
    const isIdle = this.#pipeline.size === 0 && this.#sender.unsentBytes === 0
    const idleMs = nowMs - this.#lastActivityMs
    if (isIdle && connectionsMaxIdleMs >= 0 && idleMs > connectionsMaxIdleMs) {
      this.destroy('idle', `no request for ${Math.round(idleMs)} ms`)
    }
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('end', () => {
      this.#end('client', 'the client hung up')
      this.#afterProgress()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isClients = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      this.#end(isClients ? 'client' : 'socket-error', error.message)
    })
    socket.on('close', () => this.#gone())
    socket.resume()
  }

  #accept(frame: Buffer): void {
    if (this.#ending) return
    if (frame.length < FIXED_HEADER_BYTES) {
      this.#endInOrder('malformed-request', `a frame of ${frame.length} bytes`)
      return
    }
    const apiKey = frame.readInt16BE(0)
    const handler = this.#environment.handlers.get(apiKey)
    const stats = this.#environment.stats.apis.get(apiKey)
    if (!handler || !stats) {
      this.#endInOrder('unknown-api', `API key ${apiKey}`)
      return
    }
    this.requests++
    stats.requests++
    stats.requestBytes += frame.length
    this.#environment.stats.requestsInFlight++
    this.#environment.budget.take(frame.length)
    const request = new ActiveRequest(frame, handler, stats, this)
    this.#pipeline.add(request)
    request.keepFrame()
  }

  #refuse(fault: FrameFault): void {
    const reason = fault.kind === 'oversized' ? 'oversized-frame' : 'malformed-request'
    this.#endInOrder(reason, `a frame of ${fault.sizeBytes} bytes was announced`)
  }

  /** Takes no further requests; what was asked before is still answered. */
  #endInOrder(reason: CloseReason, detail: string): void {
    this.#end(reason, detail)
    this.#afterProgress()
  }

  #end(reason: CloseReason, detail: string): void {
    if (this.#ending) return
    this.#ending = { reason, detail }
    const listeners = [...this.#closedListeners]
    this.#closedListeners.clear()
    for (const listener of listeners) listener()
  }

  #onSent(): void {
    this.#lastActivityMs = this.clock.monotonicMs()
    this.#pipeline.advance()
    this.#afterProgress()
  }

  /** A request was settled or bytes were sent: reading may go on, or the connection be done. */
  #afterProgress(): void {
    if (!this.#ending) {
      this.#updateReading()
      return
    }
    if (this.#pipeline.size > 0 || this.#sender.unsentBytes > 0 || this.#isHalfClosed) return
    this.#isHalfClosed = true
    if (this.#ending.reason === 'stopping') {
      // Closing with unread bytes would make the kernel throw away what the client has not read of
      // its last responses. So: no more bytes from here, and the client's are read until it closes.
      this.#socket.end()
      this.#socket.resume()
    } else {
      this.#socket.destroySoon()
    }
  }

  #updateReading(): void {
    const mayRead =
      this.#pipeline.size < MAX_IN_FLIGHT_REQUESTS &&
      this.#sender.unsentBytes < MAX_UNSENT_BYTES &&
      this.#environment.budget.mayRead(this)
    if (mayRead !== this.#isPaused || this.#ending) return
    this.#isPaused = !mayRead
    if (this.#isPaused) {
      this.#socket.pause()
      return
    }
    this.#watchFrameFrom(this.clock.monotonicMs(), this.#assembler.heldBytes)
    this.#socket.resume()
  }

  #countHeldBytes(): void {
    const { budget } = this.#environment
    const heldBytes = this.#assembler.heldBytes
    if (heldBytes > this.#heldBytes) budget.take(heldBytes - this.#heldBytes)
    else if (heldBytes < this.#heldBytes) budget.give(this.#heldBytes - heldBytes)
    this.#heldBytes = heldBytes
  }

  #watchFrameFrom(nowMs: number, heldBytes: number): void {
    this.#frameFromMs = nowMs
    this.#frameFromBytes = heldBytes
  }

  #isFrameTooSlow(nowMs: number): boolean {
    if (!this.#assembler.isMidFrame || this.#isPaused) return false
    const elapsedMs = nowMs - this.#frameFromMs
    const cameBytes = this.#assembler.heldBytes - this.#frameFromBytes
    return elapsedMs > SLOW_FRAME_MS && cameBytes * 1000 < elapsedMs * SLOW_FRAME_BYTES_PER_SECOND
  }

  #gone(): void {
    this.#end('client', 'the connection was closed')
    this.#pipeline.abandon()
    this.#sender.close()
    const { budget } = this.#environment
    budget.leave(this)
    if (this.#heldBytes > 0) budget.give(this.#heldBytes)
    this.#heldBytes = 0
    this.#assembler.close()
    const { reason, detail } = this.#ending ?? { reason: 'client', detail: '' }
    this.#environment.onGone(this, reason, detail)
  }
}
