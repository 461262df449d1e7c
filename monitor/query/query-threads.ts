import { Worker } from 'node:worker_threads'
import type { Cancel, Clock, Logger, Timers } from '../../kit/index.ts'
import { PromqlEngine } from '../promql/index.ts'
import type { SeriesStore } from '../series/index.ts'
import { packSeries, sizeOfChunks, transferablesOf } from './packed-series.ts'
import type { ErrorType, QueryOutcome } from './query-answer.ts'
import { errorTypeOf } from './query-answer.ts'
import type { Queries, QueryRequest } from './query-port.ts'
import type { QueryTask } from './query-thread.ts'

export interface QueryLimits {
  /** From the arrival of a query to its answer, its wait included. */
  readonly timeoutMs: number
  readonly maxSamples: number
  /** Queries that are evaluated at the same time, each on a thread of its own. */
  readonly maxConcurrency: number
}

export interface QueryThreadsParts {
  readonly store: Pick<SeriesStore, 'chunks'>
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

/** Queries that wait for their turn; more are refused at once. */
const MAX_WAITING = 100
/** Compressed samples that one query may bring to its thread. */
const MAX_BYTES = 512 * 1024 * 1024
/** What the thread may hold of its own; a query that needs more ends with an error, and the monitor goes on. */
const MAX_HEAP_MB = 1_024
/** A thread that does not look at its clock any more is ended after that. */
const GRACE_MS = 1_000
/** A thread that nobody needs takes memory for nothing. */
const IDLE_MS = 5 * 60_000

const TIMED_OUT = failed('timeout', 'query timed out in expression evaluation')

/**
 * Evaluates queries on threads of their own, so that a long one keeps nobody waiting but those that come after it: scrapes
 * and rules go on. What a query selects goes over compressed.
 */
export class QueryThreads implements Queries {
  readonly #parts: QueryThreadsParts
  readonly #limits: QueryLimits
  readonly #idle: QueryThread[] = []
  readonly #busy = new Set<QueryThread>()
  /** Every query until it is answered. */
  readonly #asked = new Set<Promise<QueryOutcome>>()
  readonly #waiting = new Set<() => void>()
  #running = 0
  #isClosed = false

  constructor(parts: QueryThreadsParts, limits: QueryLimits) {
    this.#parts = parts
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Never rejects but for a fault of the program. */
  query(request: QueryRequest, signal: AbortSignal = NEVER_ABORTED): Promise<QueryOutcome> {
    const asked = this.#query(request, signal).finally(() => this.#asked.delete(asked))
    this.#asked.add(asked)
    return asked
  }

  async #query(request: QueryRequest, signal: AbortSignal): Promise<QueryOutcome> {
    const deadlineMs = this.#parts.clock.monotonicMs() + this.#limits.timeoutMs
    if (this.#isClosed) return STOPPING
    if (this.#waiting.size >= MAX_WAITING)
      return failed('unavailable', 'too many queries are waiting')
    if (!(await this.#turn(deadlineMs, signal))) return signal.aborted ? CANCELED : TIMED_OUT
    try {
      return await this.#evaluate(request, deadlineMs, signal)
    } finally {
      this.#handOver()
    }
  }

  /** Ends what is being evaluated, refuses what waits, and waits until no query reads the store any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((thread) => thread.end()))
    await Promise.allSettled(this.#asked)
  }

  /** False when the query's time was over first, or who asked was gone. */
  async #turn(deadlineMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    if (this.#running < this.#limits.maxConcurrency) {
      this.#running++
      return true
    }
    const { clock, timers } = this.#parts
    return new Promise((resolve) => {
      const settle = (isTurn: boolean) => {
        cancel()
        signal.removeEventListener('abort', leave)
        this.#waiting.delete(go)
        resolve(isTurn)
      }
      const go = () => settle(true)
      const leave = () => settle(false)
      const cancel = timers.after(deadlineMs - clock.monotonicMs(), leave)
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(go)
    })
  }

  /** The place of a query that is done goes to the one that waits longest. */
  #handOver(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#running--
      return
    }
    next()
  }

  async #evaluate(
    request: QueryRequest,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<QueryOutcome> {
    const { store, clock } = this.#parts
    const { expression, startMs, endMs, stepMs } = request
    const left = () => Math.min(deadlineMs - clock.monotonicMs(), request.timeoutMs ?? Infinity)
    if (this.#isClosed) return STOPPING
    if (left() <= 0) return TIMED_OUT
    const options = request.lookbackMs === null ? {} : { lookbackMs: request.lookbackMs }
    try {
      const planner = new PromqlEngine({ select: () => [] }, options)
      const selected = await store.chunks(
        planner.selections(expression, startMs, endMs, stepMs ?? 1),
      )
      if (this.#isClosed) return STOPPING
      if (signal.aborted) return CANCELED
      if (sizeOfChunks(selected) > MAX_BYTES) return TOO_MUCH
      const { maxSamples } = this.#limits
      const series = packSeries(selected)
      const timeoutMs = left()
      if (timeoutMs <= 0) return TIMED_OUT
      const { lookbackMs } = request
      return await this.#run(
        { expression, startMs, endMs, stepMs, lookbackMs, maxSamples, timeoutMs, series },
        signal,
      )
    } catch (error) {
      const errorType = errorTypeOf(error)
      if (errorType === null) throw error
      return failed(errorType, error instanceof Error ? error.message : String(error))
    }
  }

  async #run(task: QueryTask, signal: AbortSignal): Promise<QueryOutcome> {
    const { timers, logger } = this.#parts
    const thread = this.#idle.pop() ?? new QueryThread(timers, logger)
    thread.use()
    this.#busy.add(thread)
    const abandon = () => thread.abandon(CANCELED)
    signal.addEventListener('abort', abandon, { once: true })
    const outcome = await thread.run(task, task.timeoutMs + GRACE_MS)
    signal.removeEventListener('abort', abandon)
    this.#busy.delete(thread)
    if (this.#isClosed) return outcome.kind === 'answer' ? outcome : STOPPING
    if (thread.isEnded) return outcome
    this.#idle.push(thread)
    thread.rest(IDLE_MS, () => {
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
    })
    return outcome
  }
}

const NEVER_ABORTED = new AbortController().signal
const CANCELED = failed('canceled', 'the client went away before the query was evaluated')
const STOPPING = failed('unavailable', 'the monitor is stopping')
const TOO_MUCH = failed(
  'execution',
  'query processing would load too many samples into memory in query execution',
)

function failed(errorType: ErrorType, message: string): QueryOutcome {
  return { kind: 'error', errorType, message }
}

/** One thread, with at most one query on it. */
class QueryThread {
  readonly #worker: Worker
  readonly #timers: Timers
  readonly #logger: Logger
  #settle: ((outcome: QueryOutcome) => void) | null = null
  #cancelRest: Cancel = () => undefined
  isEnded = false

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers
    this.#logger = logger
    this.#worker = new Worker(new URL('./query-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    this.#worker.on('message', (outcome: QueryOutcome) => this.#finish(outcome))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => {
      this.isEnded = true
      this.#finish(failed('execution', 'the query was ended'))
    })
  }

  /** Ends the thread when there is no answer in time. */
  run(task: QueryTask, timeoutMs: number): Promise<QueryOutcome> {
    return new Promise((resolve) => {
      const cancel = this.#timers.after(timeoutMs, () => this.abandon(TIMED_OUT))
      this.#settle = (outcome) => {
        cancel()
        resolve(outcome)
      }
      this.#worker.postMessage(task, transferablesOf(task.series))
    })
  }

  /** Ends the thread with what is on it: a query looks at nothing while it is evaluated. */
  abandon(outcome: QueryOutcome): void {
    this.isEnded = true
    this.#finish(outcome)
    void this.#worker.terminate()
  }

  use(): void {
    this.#cancelRest()
    this.#worker.ref()
  }

  /** Keeps the process from ending no longer, and ends after a while. */
  rest(idleMs: number, onEnd: () => void): void {
    this.#worker.unref()
    this.#cancelRest = this.#timers.after(idleMs, () => {
      onEnd()
      void this.end()
    })
  }

  async end(): Promise<void> {
    this.#cancelRest()
    this.isEnded = true
    await this.#worker.terminate()
  }

  #fail(error: Error & { readonly code?: string }): void {
    this.isEnded = true
    const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (!isMemory) this.#logger.error({ err: error }, 'a query failed')
    this.#finish(
      isMemory
        ? failed('execution', 'the query needs too much memory')
        : failed('internal', 'the monitor failed to answer'),
    )
  }

  #finish(outcome: QueryOutcome): void {
    const settle = this.#settle
    this.#settle = null
    settle?.(outcome)
  }
}
