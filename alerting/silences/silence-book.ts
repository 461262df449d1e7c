import type { Clock, Random } from '../../kit/index.ts'
import type { OperationLog } from '../operation-log.ts'
import { RequestError } from '../request-error.ts'
import type { StateLog } from '../state/state-log.ts'
import type { Silence, SilenceRequest } from './silence.ts'
import { canReplace, checkSilence, MAX_SILENCES, silenceState } from './silence.ts'
import type { Silencer } from './silencer.ts'

/** Ended silences are shown that long. */
const RETENTION_MS = 120 * 3_600_000

/** Silences as people set and end them. Every change is durable before it is answered. */
export class SilenceBook {
  readonly #log: StateLog
  readonly #silencer: Silencer
  readonly #clock: Clock
  readonly #random: Random
  readonly #operations: OperationLog

  constructor(
    log: StateLog,
    silencer: Silencer,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
    operations: OperationLog,
  ) {
    this.#log = log
    this.#silencer = silencer
    this.#clock = clock
    this.#random = random
    this.#operations = operations
  }

  all(): readonly Silence[] {
    return [...this.#log.state.silences.values()]
  }

  get(id: string): Silence | undefined {
    return this.#log.state.silences.get(id)
  }

  /**
   * Sets a new silence, or changes the one that `request.id` names; where that would rewrite what it has
   * done, it is ended and a new one takes its place. Throws a RequestError.
   */
  async set(request: SilenceRequest, actor: string): Promise<Silence> {
    const nowMs = this.#clock.now()
    const old = request.id === null ? undefined : this.get(request.id)
    if (request.id !== null && !old) throw new RequestError('not-found', 'silence not found')
    const isInPlace = old !== undefined && canReplace(old, request, nowMs)
    // What starts in the past would claim to have held back what was told.
    const startsAtMs = isInPlace ? request.startsAtMs : Math.max(request.startsAtMs, nowMs)
    checkSilence({ ...request, startsAtMs }, nowMs)
    if (!isInPlace && this.#log.state.silences.size >= MAX_SILENCES)
      throw new RequestError('too-many', `more than ${MAX_SILENCES} silences`)
    const { matchers, endsAtMs, createdBy, comment } = request
    const id = isInPlace ? old.id : this.#newId()
    const silence = { id, matchers, startsAtMs, endsAtMs, updatedAtMs: nowMs, createdBy, comment }
    this.#operations.note({
      operation: isInPlace ? 'silence.update' : 'silence.create',
      actor,
      occurredAtMs: nowMs,
      resource: { kind: 'silence', id },
      before: isInPlace ? old : null,
      after: silence,
    })
    if (old && !isInPlace && silenceState(old, nowMs) !== 'expired') this.#end(old, nowMs)
    this.#log.apply({ kind: 'silence', silence })
    this.#silencer.silencesChanged()
    await this.#operations.commit()
    return silence
  }

  /** Ends a silence now. Throws a RequestError when there is none, or it has ended. */
  async expire(id: string, actor: string): Promise<void> {
    const nowMs = this.#clock.now()
    const old = this.get(id)
    if (!old) throw new RequestError('not-found', 'silence not found')
    if (silenceState(old, nowMs) === 'expired')
      throw new RequestError('invalid', `silence ${id} already expired`)
    this.#operations.note({
      operation: 'silence.expire',
      actor,
      occurredAtMs: nowMs,
      resource: { kind: 'silence', id },
      before: old,
      after: ended(old, nowMs),
    })
    this.#end(old, nowMs)
    this.#silencer.silencesChanged()
    await this.#operations.commit()
  }

  /** Forgets what ended long ago. */
  prune(): void {
    const beforeMs = this.#clock.now() - RETENTION_MS
    const ids = this.all()
      .filter(({ endsAtMs }) => endsAtMs < beforeMs)
      .map(({ id }) => id)
    if (ids.length === 0) return
    this.#log.apply({ kind: 'silences-gone', ids })
    this.#silencer.silencesChanged()
  }

  #end(old: Silence, nowMs: number): void {
    this.#log.apply({ kind: 'silence', silence: ended(old, nowMs) })
  }

  /** A version 4 UUID: Alertmanager's clients take no other id. */
  #newId(): string {
    const bytes = this.#random.bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
}

function ended(silence: Silence, nowMs: number): Silence {
  const startsAtMs = Math.min(silence.startsAtMs, nowMs)
  return { ...silence, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs }
}
