import type { Clock, Logger } from '../../kit/index.ts'
import {
  ProtocolError,
  Reader,
  readRequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
  writeResponseHeader,
} from '../../protocol/index.ts'
import type {
  BrokerServices,
  ConnectionView,
  Handler,
  RequestContext,
  RequestTrace,
  RequestTracer,
  Stage,
} from '../handlers/index.ts'
import { CloseConnection } from '../handlers/index.ts'
import type { Hold } from '../quotas/index.ts'
import type { PipelinedRequest } from './request-pipeline.ts'
import type { ApiStats, CloseReason } from './request-stats.ts'

/** What a request needs of its connection. */
export interface RequestHost {
  readonly view: ConnectionView
  readonly services: BrokerServices
  readonly clock: Clock
  readonly logger: Logger
  readonly tracer: RequestTracer | undefined
  /** A request of so many bytes names its client. */
  noteClient(clientId: string, sizeBytes: number): void
  /** Whether the client has come far enough in its login to ask for that API. */
  mayRequest(apiKey: number): boolean
  /** The work is done: the pipeline may go on. */
  settled(request: ActiveRequest): void
  send(pieces: readonly Uint8Array[], sizeBytes: number, onTaken: () => void): void
  /** Takes nothing more from the client for so long. */
  hold(hold: Hold): void
  /** Ends the connection once the earlier responses are sent. */
  finish(reason: CloseReason, detail: string): void
  /** The frame's bytes are not needed any more. */
  frameDone(request: ActiveRequest): void
}

interface Failure {
  readonly reason: CloseReason
  readonly detail: string
}

type Outcome =
  | { readonly kind: 'response'; readonly pieces: readonly Buffer[]; readonly sizeBytes: number }
  | { readonly kind: 'no-response' }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** Bytes of a frame before the client id: API key, version, correlation id. */
export const FIXED_HEADER_BYTES = 8
/** Decoding may allocate this many heap cells of 8 bytes for each byte of the frame, and some more. */
const CELLS_PER_BYTE = 4
const CELLS_OF_ANY_REQUEST = 1024

/** A login costs what it costs: SaslHandshake, ApiVersions, SaslAuthenticate. */
const EXEMPT_FROM_TIME_QUOTAS: ReadonlySet<number> = new Set([17, 18, 36])

/** One request from its frame to the last byte of its response; also the context its handler sees. */
export class ActiveRequest implements PipelinedRequest, RequestContext {
  readonly apiVersion: number
  readonly correlationId: number
  clientId: string | null = null
  readonly receivedAtMs: number
  readonly arrivedMs: number
  startedMs = 0
  workMs = 0
  waitMs = 0
  settledMs = 0
  sentMs = 0
  throttleTimeMs = 0
  isSettled = false
  trace: RequestTrace | undefined
  readonly #handler: Handler
  readonly #stats: ApiStats
  readonly #host: RequestHost
  readonly #frameBytes: number
  /** False while the frame is somebody else's memory. */
  #isFrameOwn = false
  #isStarted = false
  #frame: Buffer | undefined
  /** Whether its time counts as the handler's waiting since `#stageFromMs`, or as its work. */
  #isWaiting = false
  #stageFromMs = 0
  #outcome: Outcome | undefined
  #isAbandoned = false
  #whenSent: (() => void)[] = []

  /** `frame` is lent until `keepFrame` is called. */
  constructor(frame: Buffer, handler: Handler, stats: ApiStats, host: RequestHost) {
    this.apiVersion = frame.readInt16BE(2)
    this.correlationId = frame.readInt32BE(4)
    this.receivedAtMs = host.clock.now()
    this.arrivedMs = host.clock.monotonicMs()
    this.#frame = frame
    this.#frameBytes = frame.length
    this.#handler = handler
    this.#stats = stats
    this.#host = host
  }

  get api(): string {
    return this.#handler.name
  }

  get stage(): Stage {
    return this.#handler.stage
  }

  get connection(): ConnectionView {
    return this.#host.view
  }

  get sizeBytes(): number {
    return this.#frameBytes
  }

  /**
   * The frame's bytes are about to be overwritten. Whoever has not been started needs a copy of
   * them; an `append` handler that has run does not, and others made theirs.
   */
  keepFrame(): void {
    if (this.#frame && !this.#isStarted) this.#ownFrame()
  }

  whenSent(action: () => void): void {
    this.#whenSent.push(action)
  }

  throttle(hold: Hold): void {
    this.throttleTimeMs = Math.max(this.throttleTimeMs, hold.waitMs)
    this.#host.hold(hold)
  }

  enter(stage: 'work' | 'wait'): void {
    this.#enter(stage, this.#host.clock.monotonicMs())
  }

  start(): void {
    this.#isStarted = true
    // What an `append` handler takes from the frame it has taken when it returns; that of others may point into it.
    if (this.stage !== 'append') this.#ownFrame()
    const startedMs = this.#host.clock.monotonicMs()
    this.startedMs = startedMs
    this.#stageFromMs = startedMs
    this.#stats.queue.record(startedMs - this.arrivedMs)
    if (!this.#host.mayRequest(this.#handler.apiKey)) {
      const detail = `${this.#handler.name} before the login`
      this.#settle({ kind: 'failed', failure: { reason: 'not-logged-in', detail } })
      return
    }
    const { min, max } = this.#handler.versions
    if (this.apiVersion < min || this.apiVersion > max) {
      this.#answerUnsupported()
      return
    }
    this.#stats.countVersion(this.apiVersion)
    try {
      const answer = this.#handle()
      const workedMs = this.#host.clock.monotonicMs()
      if (this.#host.services.quotas.areSet) this.#takeTime(workedMs - startedMs)
      if (answer instanceof Promise) {
        if (this.stage !== 'read') this.#enter('wait', workedMs)
        answer.then(
          (response) => this.#respond(response),
          (cause) => this.#fail(cause),
        )
      } else {
        this.#respond(answer)
      }
    } catch (cause) {
      this.#fail(cause)
    }
  }

  release(): void {
    const outcome = this.#outcome
    switch (outcome?.kind) {
      case 'response':
        this.#stats.responseBytes += outcome.sizeBytes
        this.#host.send(outcome.pieces, outcome.sizeBytes, () => this.#taken())
        break
      case 'no-response':
        this.#taken()
        break
      case 'failed':
        this.#taken()
        this.#host.finish(outcome.failure.reason, outcome.failure.detail)
        break
      case undefined:
        throw new Error('released before it was settled')
    }
  }

  abandon(): void {
    this.#isAbandoned = true
    if (this.#outcome) this.#taken()
    // A handler that runs may still read the frame; it is dropped when the handler is done.
    else if (!this.#isStarted) this.#dropFrame()
  }

  #handle(): unknown {
    const frame = this.#frame as Buffer
    const { request } = this.#handler
    const maxCells = CELLS_OF_ANY_REQUEST + CELLS_PER_BYTE * frame.length
    const reader = new Reader(frame, 0, frame.length, { maxCells })
    const header = readRequestHeader(reader, requestHeaderVersion(request, this.apiVersion))
    this.clientId = header.clientId
    this.#host.noteClient(header.clientId ?? '', this.#frameBytes)
    this.trace = this.#host.tracer?.begin(this)
    const decoded = this.#handler.decode(reader, this.apiVersion)
    return this.#handler.handle(decoded, this, this.#host.services)
  }

  /** What the handler did until its first wait counts against `request_percentage`. */
  #takeTime(usedMs: number): void {
    if (EXEMPT_FROM_TIME_QUOTAS.has(this.#handler.apiKey)) return
    const { quotas } = this.#host.services
    const hold = quotas.of(this.connection, this.clientId).worked(usedMs)
    if (hold) this.throttle(hold)
  }

  #ownFrame(): void {
    if (this.#isFrameOwn || this.#frame === undefined) return
    this.#frame = Buffer.from(this.#frame)
    this.#isFrameOwn = true
  }

  #answerUnsupported(): void {
    const { unsupported, name } = this.#handler
    if (unsupported) {
      this.#settle(this.#encode(unsupported.version, unsupported.response))
      return
    }
    const detail = `${name} v${this.apiVersion} is not served`
    this.#settle({ kind: 'failed', failure: { reason: 'unsupported-version', detail } })
  }

  #enter(stage: 'work' | 'wait', atMs: number): void {
    this.#leaveStage(atMs)
    this.#isWaiting = stage === 'wait'
    this.trace?.enter(stage, atMs)
  }

  #leaveStage(atMs: number): void {
    const elapsedMs = atMs - this.#stageFromMs
    if (this.#isWaiting) this.waitMs += elapsedMs
    else this.workMs += elapsedMs
    this.#stageFromMs = atMs
  }

  #respond(response: unknown): void {
    if (this.#isWaiting) this.enter('work')
    if (response === null || this.#isAbandoned) {
      this.#settle({ kind: 'no-response' })
      return
    }
    let outcome: Outcome
    try {
      this.#countErrors(response)
      const throttleTimeMs = this.throttleTimeMs
      const told = throttleTimeMs > 0 ? { ...response, throttleTimeMs } : response
      outcome = this.#encode(this.apiVersion, told)
    } catch (cause) {
      this.#fail(new Error('the response cannot be encoded', { cause }))
      return
    }
    this.#settle(outcome)
  }

  #countErrors(response: unknown): void {
    const { errors } = this.#stats
    if (this.stage === 'ordered') errors.countAny(response)
    else errors.countData(response)
  }

  #encode(version: number, response: unknown): Outcome {
    const message = this.#handler.response
    const writer = new Writer()
    writer.int32(0)
    writeResponseHeader(writer, responseHeaderVersion(message, version), this.correlationId)
    this.#handler.encode(writer, version, response)
    const { sizeBytes } = writer
    writer.patchFirstInt32(sizeBytes - 4)
    return { kind: 'response', pieces: writer.finish(), sizeBytes }
  }

  #fail(cause: unknown): void {
    this.#stats.failures++
    this.#settle({ kind: 'failed', failure: this.#failureOf(cause) })
  }

  #failureOf(cause: unknown): Failure {
    if (cause instanceof CloseConnection)
      return { reason: 'asked-by-handler', detail: cause.message }
    if (cause instanceof ProtocolError)
      return { reason: 'malformed-request', detail: cause.message }
    // A fault of this program: nobody can say what state the answer would be about.
    const fields = { api: this.#handler.name, version: this.apiVersion, clientId: this.clientId }
    this.#host.logger.error({ ...fields, err: cause }, 'a handler failed; its connection is closed')
    return { reason: 'handler-failed', detail: String(cause) }
  }

  #settle(outcome: Outcome): void {
    this.#outcome = outcome
    const settledMs = this.#host.clock.monotonicMs()
    this.settledMs = settledMs
    this.#leaveStage(settledMs)
    this.#stats.work.record(this.workMs)
    this.#stats.wait.record(this.waitMs)
    if (this.throttleTimeMs > 0) this.#stats.throttle.record(this.throttleTimeMs)
    this.trace?.enter('send', settledMs)
    this.#dropFrame()
    if (this.#isAbandoned) this.#taken()
    this.#host.settled(this)
  }

  #dropFrame(): void {
    if (this.#frame === undefined) return
    this.#frame = undefined
    this.#host.frameDone(this)
  }

  #taken(): void {
    const nowMs = this.#host.clock.monotonicMs()
    this.sentMs = nowMs
    this.#stats.send.record(nowMs - this.settledMs)
    this.#stats.total.record(nowMs - this.arrivedMs)
    if (this.trace) this.#endTrace(this.trace, nowMs)
    const actions = this.#whenSent
    this.#whenSent = []
    for (const action of actions) action()
  }

  #endTrace(trace: RequestTrace, nowMs: number): void {
    this.#stats.exemplars.note(trace.traceId, nowMs - this.arrivedMs, this.#host.clock.now())
    const outcome = this.#outcome
    trace.end(nowMs, outcome?.kind === 'failed' ? outcome.failure.detail : undefined)
  }
}
