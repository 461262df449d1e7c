import type { Stage } from '../handlers/index.ts'

/** One request in the pipeline of its connection. */
export interface PipelinedRequest {
  readonly stage: Stage
  /** Begins the work. Later, or before it returns, somebody calls the pipeline's `settle`. */
  start(): void
  /** Called in the order of the requests, once the request and all before it are settled. */
  release(): void
  /** Called instead of `release`, in any state, when the connection goes. */
  abandon(): void
}

interface Slot {
  readonly request: PipelinedRequest
  isSettled: boolean
}

/**
 * Starts the requests of one connection in the order of their arrival, as far as their stages let
 * them overlap, and releases their responses in the same order (invariant 3 of the house). An
 * `ordered` request has the connection for itself: it starts when all before it are settled, and
 * what follows starts when it is. `append` and `read` requests overlap with one another.
 */
export class RequestPipeline {
  readonly #maxReads: number
  readonly #mayStart: () => boolean
  readonly #slots: Slot[] = []
  readonly #byRequest = new Map<PipelinedRequest, Slot>()
  /** Slots before this index have been started. */
  #startedCount = 0
  #running = 0
  #runningReads = 0
  #isOrderedRunning = false
  #isAdvancing = false

  /**
   * At most `maxReads` reads run at once, because each may answer with many bytes. `mayStart` says
   * no while too many response bytes wait for the socket; call `advance` when that has changed.
   */
  constructor(maxReads: number, mayStart: () => boolean) {
    this.#maxReads = maxReads
    this.#mayStart = mayStart
  }

  /** Requests whose responses have not been released. */
  get size(): number {
    return this.#slots.length
  }

  /** Whether requests were started whose responses have not been released. */
  get isBusy(): boolean {
    return this.#startedCount > 0
  }

  add(request: PipelinedRequest): void {
    const slot = { request, isSettled: false }
    this.#slots.push(slot)
    this.#byRequest.set(request, slot)
    this.advance()
  }

  /** The work of a started request is done, and its response (or none) is known. */
  settle(request: PipelinedRequest): void {
    const slot = this.#byRequest.get(request)
    if (!slot || slot.isSettled) return
    slot.isSettled = true
    this.#running--
    if (request.stage === 'ordered') this.#isOrderedRunning = false
    if (request.stage === 'read') this.#runningReads--
    this.advance()
  }

  /** Releases and starts whatever can be. */
  advance(): void {
    // A request may settle while it is being started; the loop that started it goes on from there.
    if (this.#isAdvancing) return
    this.#isAdvancing = true
    try {
      do this.#releaseSettled()
      while (this.#startNext())
    } finally {
      this.#isAdvancing = false
    }
  }

  /** Gives all requests up: the connection is going, and nothing is released any more. */
  abandon(): void {
    const slots = this.#slots.splice(0)
    this.#byRequest.clear()
    this.#startedCount = 0
    for (const { request } of slots) request.abandon()
  }

  #releaseSettled(): void {
    let first = this.#slots[0]
    while (first?.isSettled) {
      this.#slots.shift()
      this.#byRequest.delete(first.request)
      this.#startedCount--
      first.request.release()
      first = this.#slots[0]
    }
  }

  #startNext(): boolean {
    const next = this.#slots[this.#startedCount]
    if (!next || this.#isOrderedRunning || !this.#mayStart()) return false
    const { stage } = next.request
    if (stage === 'ordered' && this.#running > 0) return false
    if (stage === 'read' && this.#runningReads >= this.#maxReads) return false
    this.#startedCount++
    this.#running++
    if (stage === 'ordered') this.#isOrderedRunning = true
    if (stage === 'read') this.#runningReads++
    next.request.start()
    return true
  }
}
