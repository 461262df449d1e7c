import type { Disk, DiskFile } from '../disk.ts'
import type { Random } from '../random.ts'
import type { Timers } from '../timers.ts'
import { errno } from './errno.ts'

export type DiskCallKind =
  | 'create'
  | 'lock'
  | 'close'
  | keyof Disk
  | Exclude<keyof DiskFile, 'path'>

export interface DiskCall {
  /** Counted from 1 over all calls of this disk. */
  readonly number: number
  readonly kind: DiskCallKind
  readonly path: string
}

/**
 * What becomes of a call. `stop` ends the process: `before` the call had any effect, `during` it
 * (a part of it is done), or `after` it (done, and nobody was told).
 */
export type CallFate =
  | { readonly kind: 'proceed'; readonly delayMs?: number }
  | { readonly kind: 'error'; readonly code: 'EIO' | 'ENOSPC' | 'EINVAL' }
  | { readonly kind: 'stop'; readonly when: 'before' | 'during' | 'after' }

/** Kinds of calls that change what a crash can leave; between two of them all crashes are the same. */
export const MUTATING_CALLS: ReadonlySet<DiskCallKind> = new Set<DiskCallKind>([
  'create',
  'lock',
  'makeDirectory',
  'remove',
  'rename',
  'sync',
  'syncDirectory',
  'truncate',
  'write',
])

export interface CallGateOptions {
  readonly timers?: Timers
  readonly plan?: (call: DiskCall) => CallFate
}

const PROCEED: CallFate = { kind: 'proceed' }
/** What a call does. */
export interface Effect<Result> {
  /** All of the call, at once. */
  readonly apply: () => Result
  /** What is done when the call fails, or when the process ends during it; nothing when missing. */
  readonly applyPartly?: (end: 'error' | 'stop') => void
}

/** What every call passes: it is counted, meets its fate, and takes effect at once when it finishes. */
export class CallGate {
  plan: (call: DiskCall) => CallFate
  readonly stopped: Promise<DiskCall>
  readonly #random: Random
  readonly #timers: Timers | undefined
  readonly #inFlight = new Set<Effect<unknown>>()
  #lastCall: DiskCall = { number: 0, kind: 'exists', path: '/' }
  #isStopped = false
  #announceStop: (call: DiskCall) => void = () => {}

  constructor(random: Random, options: CallGateOptions) {
    this.#random = random
    this.#timers = options.timers
    this.plan = options.plan ?? (() => PROCEED)
    this.stopped = new Promise((resolve) => {
      this.#announceStop = resolve
    })
  }

  get callCount(): number {
    return this.#lastCall.number
  }

  stop(): void {
    if (!this.#isStopped) this.#stopAt(this.#lastCall)
  }

  async call<Result>(kind: DiskCallKind, path: string, effect: Effect<Result>): Promise<Result> {
    if (this.#isStopped) return never()
    const call = { number: this.#lastCall.number + 1, kind, path }
    this.#lastCall = call
    const fate = this.plan(call)
    if (fate.kind === 'stop' && fate.when !== 'after') {
      if (fate.when === 'during') effect.applyPartly?.('stop')
      this.#stopAt(call)
      return never()
    }
    this.#inFlight.add(effect)
    await this.#pass(fate.kind === 'proceed' ? (fate.delayMs ?? 0) : 0)
    // Stopped meanwhile: what became of this call was decided then.
    if (this.#isStopped) return never()
    this.#inFlight.delete(effect)
    if (fate.kind === 'error') {
      effect.applyPartly?.('error')
      throw errno(fate.code, path)
    }
    const result = effect.apply()
    if (fate.kind !== 'stop') return result
    this.#stopAt(call)
    return never()
  }

  #stopAt(call: DiskCall): void {
    this.#isStopped = true
    for (const effect of this.#inFlight) this.#settleInFlight(effect)
    this.#inFlight.clear()
    this.#announceStop(call)
  }

  /** The kernel may or may not have come to a call that was on its way when the process ended. */
  #settleInFlight(effect: Effect<unknown>): void {
    const outcome = this.#random.below(3)
    try {
      if (outcome === 1) effect.applyPartly?.('stop')
      if (outcome === 2) effect.apply()
    } catch {
      // It failed, and nobody is left to hear of it.
    }
  }

  async #pass(delayMs: number): Promise<void> {
    const timers = this.#timers
    if (delayMs > 0 && timers) {
      await new Promise<void>((resolve) => void timers.after(delayMs, resolve))
    }
    for (let turns = 1 + this.#random.below(3); turns > 0; turns--) await undefined
  }
}

/** A new one each time: whoever waits for a promise is kept alive by it. */
function never(): Promise<never> {
  return new Promise(() => {})
}
