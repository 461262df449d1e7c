import type { Cancel, Disk, Logger, Random, Timers } from '../../kit/index.ts'
import type { Handed, HistoryOperation, HistoryPort, PlacedOperation } from './operation.ts'
import { HistoryRejection } from './operation.ts'
import { OutboxFile } from './outbox-file.ts'

/** The broker has been away for so long that no more can be kept for its history. */
export class OutboxFullError extends Error {
  override readonly name: string = 'OutboxFullError'
}

export interface OutboxPlatform {
  readonly disk: Disk
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

const MAX_WAITING = 10_000
/** As many as the broker takes at once, and not more than so much of text. */
const MAX_BATCH = 100
const MAX_BATCH_LENGTH = 512 * 1024
const RETRY_MS = 2_000

/**
 * What the history has yet to hear of. An operation that was added is durable, and goes to the history at
 * once, or as soon as the broker is back: in order, each one once, whatever is killed meanwhile.
 */
export class Outbox {
  readonly #file: OutboxFile
  readonly #history: HistoryPort
  readonly #logger: Logger
  readonly #cancel: Cancel
  #turn: Promise<void> = Promise.resolve()
  #delivery: Promise<void> | null = null
  #isAway = false
  /** Falls to one after a batch that was not understood, to find the operation that is to blame. */
  #batchSize = MAX_BATCH
  #isStopped = false

  private constructor(file: OutboxFile, history: HistoryPort, { timers, logger }: OutboxPlatform) {
    this.#file = file
    this.#history = history
    this.#logger = logger
    this.#cancel = timers.every(RETRY_MS, () => void this.deliver())
  }

  /** Throws an OutboxVersionError, or the disk's error. */
  static async open(platform: OutboxPlatform, path: string, history: HistoryPort): Promise<Outbox> {
    const newId = () => platform.random.bytes(16).toString('hex')
    const outbox = new Outbox(await OutboxFile.open(platform.disk, path, newId), history, platform)
    void outbox.deliver()
    return outbox
  }

  /** Random, and the same for as long as the monitor keeps its directory. */
  get id(): string {
    return this.#file.content.outboxId
  }

  get waitingCount(): number {
    return this.#file.content.waiting.size
  }

  /** Whether `add` would be refused. */
  get isFull(): boolean {
    return this.waitingCount >= MAX_WAITING
  }

  /** What became of an operation; null while it waits, or when it is not known. */
  resultOf(id: string): Handed | null {
    return this.#file.content.handed.get(id) ?? null
  }

  /** Durable once resolved; then it is on its way. One that is known already stays as it is. Rejects with an OutboxFullError, or the disk's error. */
  async add(operation: HistoryOperation): Promise<void> {
    await this.#inTurn(async () => {
      const { waiting, handed, nextPosition } = this.#file.content
      if (waiting.has(operation.id) || handed.has(operation.id)) return
      if (this.isFull)
        throw new OutboxFullError(`${MAX_WAITING} operations wait for the broker's history`)
      const placed: PlacedOperation = { ...operation, position: nextPosition }
      await this.#file.write([{ kind: 'operation', operation: placed }])
    })
    void this.deliver()
  }

  /** Hands over what waits. Never rejects: what cannot be handed over stays. */
  deliver(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    this.#delivery ??= this.#deliver().finally(() => {
      this.#delivery = null
    })
    return this.#delivery
  }

  async close(): Promise<void> {
    this.#isStopped = true
    this.#cancel()
    await this.#delivery
    await this.#turn
    await this.#file.close()
  }

  async #deliver(): Promise<void> {
    try {
      while (this.#file.content.waiting.size > 0 && !this.#isStopped) await this.#handBatch()
      if (this.#isAway) this.#logger.info({}, 'the history has heard of everything again')
      this.#isAway = false
    } catch (error) {
      if (!this.#isAway)
        this.#logger.warn(
          { err: error, waiting: this.waitingCount },
          'the history cannot be told of what was done here, it will be as soon as the broker is back',
        )
      this.#isAway = true
    }
  }

  async #handBatch(): Promise<void> {
    const { outboxId, waiting } = this.#file.content
    const batch = batchOf(waiting.values(), this.#batchSize)
    const results = await this.#hand(outboxId, batch)
    const known = batch.flatMap(({ id, position }) => {
      const result = results.get(position)
      return result === undefined ? [] : [{ kind: 'handed' as const, id, result }]
    })
    if (known.length === 0 && this.#batchSize === MAX_BATCH)
      throw new Error('the history does not say what became of an operation')
    for (const { id, result } of known)
      if (result.kind === 'refused')
        this.#logger.error({ id, message: result.message }, 'the history refused an operation')
    await this.#inTurn(() => this.#file.write(known))
  }

  /** What became of them; nothing of any when they are to be tried one by one. */
  async #hand(
    outboxId: string,
    batch: readonly PlacedOperation[],
  ): Promise<ReadonlyMap<number, Handed>> {
    try {
      const results = await this.#history.hand(outboxId, batch)
      this.#batchSize = MAX_BATCH
      return results
    } catch (error) {
      if (!(error instanceof HistoryRejection)) throw error
      const [only] = batch
      if (only === undefined || batch.length > 1) {
        this.#batchSize = 1
        return new Map()
      }
      return new Map([[only.position, { kind: 'refused', message: error.message }]])
    }
  }

  /** One write after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

/** From the front: at least one. */
function batchOf(waiting: Iterable<PlacedOperation>, mostCount: number): PlacedOperation[] {
  const batch: PlacedOperation[] = []
  let length = 0
  for (const operation of waiting) {
    length += JSON.stringify(operation).length
    if (batch.length === mostCount || (batch.length > 0 && length > MAX_BATCH_LENGTH)) break
    batch.push(operation)
  }
  return batch
}
