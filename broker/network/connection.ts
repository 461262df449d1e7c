import type { Socket } from 'node:net'
import type { Clock, Logger, Timers } from '../../kit/index.ts'
import type {
  AccessMemo,
  BrokerServices,
  ConnectionView,
  Handler,
  RequestTracer,
} from '../handlers/index.ts'
import type { ClientThrottles, Hold } from '../quotas/index.ts'
import type { Identity, LoginFailure, SaslExchange } from '../security/index.ts'
import type { RequestHost } from './active-request.ts'
import { ActiveRequest, FIXED_HEADER_BYTES } from './active-request.ts'
import type { BudgetReader, ByteBudget } from './byte-budget.ts'
import type { ClientStats, ClientTable } from './client-stats.ts'
import type { Arrival } from './connection-login.ts'
import { ConnectionLogin } from './connection-login.ts'
import { ConnectionThrottle } from './connection-throttle.ts'
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
import type { RawTokenHost } from './raw-token.ts'
import { RawToken } from './raw-token.ts'
import type { Receiver } from './receiving-socket.ts'
import { receivingSocket } from './receiving-socket.ts'
import type { PipelinedRequest } from './request-pipeline.ts'
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
  readonly timers: Timers
  readonly logger: Logger
  /** Decides which requests are traced; none when nobody asks for traces. */
  readonly tracer: RequestTracer | undefined
  readonly clients: ClientTable
  /** Called for each login that succeeds (null), and for each that fails. */
  onLogin(connection: Connection, failure: LoginFailure | null): void
  /** Called once for each connection, when its socket is gone. */
  onGone(connection: Connection, reason: CloseReason, detail: string): void
}

/** A connection as it is accepted. */
export interface AcceptedConnection extends Arrival {
  readonly id: number
  readonly address: string
  readonly remotePort: number
  readonly localAddress: string
  readonly listener: string
}

/** One client's connection: frames in, responses out, and the bounds of both. */
export class Connection
  implements ConnectionView, RequestHost, RawTokenHost, BudgetReader, Receiver
{
  readonly id: number
  readonly address: string
  readonly remotePort: number
  readonly localAddress: string
  readonly listener: string
  principal: string
  accessMemo: AccessMemo | undefined
  quotaMemo: ClientThrottles | undefined
  softwareName = 'unknown'
  softwareVersion = 'unknown'
  readonly openedAtMs: number
  requests = 0
  bytesIn = 0
  bytesOut = 0
  lastApi: string | null = null
  lastRequestAtMs = 0

  readonly view: ConnectionView = this
  readonly services: BrokerServices
  readonly clock: Clock
  readonly logger: Logger
  readonly tracer: RequestTracer | undefined
  readonly #environment: ConnectionEnvironment
  readonly #socket: Socket
  readonly #assembler: FrameAssembler
  readonly #pipeline: RequestPipeline
  readonly #sender: ResponseSender
  readonly #login: ConnectionLogin
  readonly #throttle: ConnectionThrottle
  #clientId = ''
  #client: ClientStats | undefined
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

  constructor(socket: Socket, accepted: AcceptedConnection, environment: ConnectionEnvironment) {
    this.id = accepted.id
    this.address = accepted.address
    this.remotePort = accepted.remotePort
    this.localAddress = accepted.localAddress
    this.listener = accepted.listener
    this.principal = accepted.identity.principal
    this.#environment = environment
    this.services = environment.services
    this.clock = environment.clock
    this.logger = environment.logger
    this.tracer = environment.tracer
    this.openedAtMs = environment.clock.now()
    this.#lastActivityMs = environment.clock.monotonicMs()
    const { settings, clock, timers, frameBuffers, receiveBuffer } = environment
    const onLogin = (failure: LoginFailure | null): void => this.#onLogin(failure)
    this.#login = new ConnectionLogin(accepted, { settings, clock, timers, onLogin })
    this.#assembler = new FrameAssembler(this.#login.maxFrameBytes, frameBuffers)
    this.#socket = receivingSocket(socket, receiveBuffer, this)
    this.#sender = new ResponseSender(this.#socket, environment.clock, () => this.#onSent())
    this.#throttle = new ConnectionThrottle(clock, timers, {
      onOver: () => this.#onSent(),
      onLook: () => this.#updateReading(),
    })
    this.#pipeline = new RequestPipeline(
      MAX_OVERLAPPING_READS,
      () => this.#sender.unsentBytes < MAX_UNSENT_BYTES && !this.#throttle.isHeld,
    )
    this.#listen()
  }

  /** With nothing in flight there is no answer to come that it might not read, nor a hold. */
  get mayOverdraw(): boolean {
    const isAlone = this.#pipeline.size === 0 && !this.#throttle.isHeld
    return this.#assembler.isMidFrame && isAlone && this.#mayRead
  }

  get clientId(): string {
    return this.#clientId
  }

  get lastActivityMonotonicMs(): number {
    return this.#lastActivityMs
  }

  get requestsInFlight(): number {
    return this.#pipeline.size
  }

  get identity(): Identity {
    return this.#login.identity
  }

  get login(): SaslExchange | null {
    return this.#login.exchange
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

  mayRequest(apiKey: number): boolean {
    return this.#login.mayRequest(apiKey)
  }

  settled(request: PipelinedRequest): void {
    this.#pipeline.settle(request)
    this.#afterProgress()
  }

  send(pieces: readonly Uint8Array[], sizeBytes: number, onTaken: () => void): void {
    if (this.#login.failure) {
      this.#endLate(() => this.#send(pieces, sizeBytes, onTaken))
      return
    }
    this.#send(pieces, sizeBytes, onTaken)
  }

  sendToken(bytes: Buffer): void {
    const size = Buffer.alloc(4)
    size.writeInt32BE(bytes.length)
    this.#send([size, bytes], size.length + bytes.length, () => {})
  }

  endFailedLogin(): void {
    this.#endLate(() => {})
  }

  failed(cause: unknown): void {
    this.logger.error({ err: cause }, 'a login failed by a fault of ours; its connection is closed')
    this.finish('handler-failed', String(cause))
  }

  hold(hold: Hold): void {
    if (this.#ending) return
    this.#throttle.hold(hold)
    this.#updateReading()
  }

  finish(reason: CloseReason, detail: string): void {
    this.#end(reason, detail)
    this.#pipeline.abandon()
    this.#afterProgress()
  }

  frameDone(request: ActiveRequest): void {
    const { stats, budget } = this.#environment
    stats.requestsInFlight--
    budget.give(request.sizeBytes)
    budget.frameDone(request)
  }

  noteClient(clientId: string, sizeBytes: number): void {
    let client = this.#client
    if (!client || clientId !== this.#clientId) {
      client = this.#environment.clients.move(client, clientId)
      this.#client = client
      this.#clientId = clientId
    }
    client.requests++
    client.receivedBytes += sizeBytes
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
    if (this.#ending || this.#login.failure) return
    const nowMs = this.clock.monotonicMs()
    this.#lastActivityMs = nowMs
    this.#throttle.received()
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
  stop(why = 'the broker stops'): void {
    this.#end('stopping', why)
    this.#letGoOfFrame()
    this.#afterProgress()
  }

  /** Quotas changed. */
  reconsiderThrottle(): void {
    this.#throttle.reconsider()
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
    if (this.#login.isOverdue(nowMs)) {
      const { glasslogLoginTimeoutMs } = this.#environment.settings
      this.destroy('login-timeout', `no login within ${glasslogLoginTimeoutMs} ms`)
      return
    }
    if (this.#isFrameTooSlow(nowMs)) {
      this.destroy('slow-frame', `${this.#assembler.heldBytes} bytes of a frame came`)
      return
    }
    const { connectionsMaxIdleMs } = this.#environment.settings
    const isIdle = !this.#pipeline.isBusy && this.#sender.unsentBytes === 0
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
    if (this.#ending || (!this.#login.isDone && this.#takeBeforeLogin(frame))) return
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
    if (this.#login.isTooLateFor(apiKey, this.#lastActivityMs)) {
      this.#endInOrder('session-expired', 'the client did not log in again in time')
      return
    }
    this.requests++
    stats.requests++
    stats.requestBytes += frame.length
    this.#environment.stats.requestsInFlight++
    this.#environment.budget.take(frame.length)
    const request = new ActiveRequest(frame, handler, stats, this)
    this.#environment.budget.frameWhole(this, request)
    this.lastApi = handler.name
    this.lastRequestAtMs = request.receivedAtMs
    this.#pipeline.add(request)
    request.keepFrame()
  }

  /** Answers whether the frame was dealt with: as a token, or because there were too many. */
  #takeBeforeLogin(frame: Buffer): boolean {
    const isRequest =
      frame.length >= FIXED_HEADER_BYTES && this.#environment.handlers.has(frame.readInt16BE(0))
    const kind = this.#login.judge(isRequest)
    if (kind === 'too-many') this.#endInOrder('not-logged-in', 'many frames and no login')
    // The token is copied: the frame is lent for this call only.
    if (kind === 'token' && this.login) {
      this.#pipeline.add(new RawToken(Buffer.from(frame), this.login, this))
    }
    return kind !== 'request'
  }

  #onLogin(failure: LoginFailure | null): void {
    this.principal = this.#login.identity.principal
    this.#assembler.maxFrameBytes = this.#login.maxFrameBytes
    this.#environment.onLogin(this, failure)
    this.#updateReading()
  }

  #send(pieces: readonly Uint8Array[], sizeBytes: number, onTaken: () => void): void {
    this.bytesOut += sizeBytes
    this.#environment.stats.bytesOut += sizeBytes
    if (this.#client) this.#client.sentBytes += sizeBytes
    this.#sender.send(pieces, sizeBytes, onTaken)
  }

  /** The answer to a failed login comes late, and is the last. */
  #endLate(lastWords: () => void): void {
    this.#login.endLate(() => {
      lastWords()
      this.#end('login-failed', this.#login.failure?.message ?? '')
      this.#afterProgress()
    })
  }

  #refuse(fault: FrameFault): void {
    const reason = fault.kind === 'oversized' ? 'oversized-frame' : 'malformed-request'
    const detail = `a frame of ${fault.sizeBytes} bytes was announced`
    this.#endInOrder(reason, `${detail}, and ${this.#assembler.maxFrameBytes} are taken`)
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
    // What came before the end is still answered, and nothing comes after it.
    this.#throttle.stop()
  }

  /** Bytes were sent, or quotas let the client go on. */
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
    // Requests that quotas held up may start.
    this.#pipeline.advance()
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

  /** Whether it would be read, were there room for what comes. */
  get #mayRead(): boolean {
    return (
      this.#ending === undefined &&
      this.#login.failure === undefined &&
      this.#throttle.mayRead &&
      this.#pipeline.size < MAX_IN_FLIGHT_REQUESTS &&
      this.#sender.unsentBytes < MAX_UNSENT_BYTES
    )
  }

  #updateReading(): void {
    const mayRead = this.#mayRead && this.#environment.budget.mayRead(this)
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

  /** What came of a frame will not be a request. */
  #letGoOfFrame(): void {
    const { budget } = this.#environment
    budget.leave(this)
    if (this.#heldBytes > 0) budget.give(this.#heldBytes)
    this.#heldBytes = 0
    this.#assembler.close()
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
    this.#login.close()
    this.#letGoOfFrame()
    if (this.#client) this.#environment.clients.leave(this.#client)
    const { reason, detail } = this.#ending ?? { reason: 'client', detail: '' }
    this.#environment.onGone(this, reason, detail)
  }
}
