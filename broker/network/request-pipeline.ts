import type { Stage } from '../handlers/index.ts'

/** One request in the pipeline of its connection. */
export interface PipelinedRequest {
  readonly stage: Stage
  /**
   * Kept by the pipeline, false at first. It is a field of the request, not an entry of a `Map`: each
   * table that a `Map` outgrows points to the next, so that one of them among V8's old objects keeps
   * all later tables and every request in them until the next full collection.
   */
  isSettled: boolean
  /** Begins the work. Later, or before it returns, somebody calls the pipeline's `settle`. */
  start(): void
  /** Called in the order of the requests, once the request and all before it are settled. */
  release(): void
  /** Called instead of `release`, in any state, when the connection goes. */
  abandon(): void
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
  readonly #requests: PipelinedRequest[] = []
  /** Requests before this index have been started. */
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
    return this.#requests.length
  }

  /** Whether requests were started whose responses have not been released. */
  get isBusy(): boolean {
    return this.#startedCount > 0
  }

  add(request: PipelinedRequest): void {
    this.#requests.push(request)
    this.advance()
  }

  /** The work of a started request is done, and its response (or none) is known. */
  settle(request: PipelinedRequest): void {
    if (request.isSettled) return
    request.isSettled = true
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
    const requests = this.#requests.splice(0)
    this.#startedCount = 0
    for (const request of requests) {
      // What it settles after this is of no account.
      request.isSettled = true
      request.abandon()
    }
  }

  #releaseSettled(): void {
    let first = this.#requests[0]
    while (first?.isSettled) {
      this.#requests.shift()
      this.#startedCount--
      first.release()
      first = this.#requests[0]
    }
  }

  #startNext(): boolean {
    const next = this.#requests[this.#startedCount]
    if (!next || this.#isOrderedRunning || !this.#mayStart()) return false
    const { stage } = next
    if (stage === 'ordered' && this.#running > 0) return false
    if (stage === 'read' && this.#runningReads >= this.#maxReads) return false
    this.#startedCount++
    this.#running++
    if (stage === 'ordered') this.#isOrderedRunning = true
    if (stage === 'read') this.#runningReads++
    next.start()
    return true
  }
}
