import type { Cancel } from '../../kit/index.ts'
import { checkpointPressure } from './checkpoint/checkpoint-pressure.ts'
import type { Checkpointer } from './checkpoint/checkpointer.ts'
import type { Engine } from './engine.ts'
import { codeOf, reasonOf } from './errors.ts'
import type { Partition } from './partition/partition.ts'
import { retainedFrom } from './partition/retention.ts'

const CHECKPOINT_TICK_MS = 250
const CHECKPOINT_RETRY_MS = 1_000
const MAX_CHECKPOINT_FAILURES_IN_ROW = 10

export interface MaintenanceOptions {
  readonly engine: Engine
  readonly checkpointer: Checkpointer
  readonly journalPressure: () => number
  /** Grows with every frame. */
  readonly nextSequence: () => number
  /** Grows when batches came to their segments, too. */
  readonly firstNeededSequence: () => number
  readonly trim: (partition: Partition, offset: number) => Promise<number>
  readonly onFreeSpace: (freeBytes: number) => void
  readonly onFailed: (error: Error) => void
}

/** What happens now and then: checkpoints, retention, forgetting producers, a look at the free space. */
export class Maintenance {
  readonly #options: MaintenanceOptions
  readonly #cancels: Cancel[] = []
  #checkpointedAtMs: number
  #checkpointedSequence: number
  #checkpointedFrom: number
  #notBeforeMs = 0
  #checkpointFailures = 0
  #isRetaining = false
  #stopped = false

  constructor(options: MaintenanceOptions) {
    this.#options = options
    this.#checkpointedAtMs = options.engine.clock.monotonicMs()
    this.#checkpointedSequence = options.nextSequence()
    this.#checkpointedFrom = options.firstNeededSequence()
  }

  start(): void {
    const { timers, limits } = this.#options.engine
    this.#cancels.push(
      timers.every(CHECKPOINT_TICK_MS, () => void this.#checkpointWhenDue()),
      timers.every(limits.freeSpaceCheckMs, () => void this.checkSpace()),
      timers.every(limits.retentionCheckMs, () => void this.retain()),
      timers.every(limits.producerExpirationCheckMs, () => void this.#expireProducers()),
    )
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  async checkSpace(): Promise<void> {
    const { disk, layout, logger } = this.#options.engine
    try {
      const { freeBytes } = await disk.space(layout.directory)
      if (!this.#stopped) this.#options.onFreeSpace(freeBytes)
    } catch (error) {
      logger.warn({ error: reasonOf(error) }, 'could not ask for the free space')
    }
  }

  /** Trims every log to what its configuration keeps. */
  async retain(): Promise<void> {
    if (this.#isRetaining) return
    this.#isRetaining = true
    try {
      await this.#eachPartition(async (partition) => {
        const offset = retainedFrom(partition, this.#options.engine.clock.now())
        if (offset > partition.logStartOffset) await this.#options.trim(partition, offset)
      })
    } catch (error) {
      // The store failed or closes; the next start retains what this one did not.
      this.#options.engine.logger.warn({ error: reasonOf(error) }, 'retention was broken off')
    } finally {
      this.#isRetaining = false
    }
  }

  async #expireProducers(): Promise<void> {
    const { clock, limits } = this.#options.engine
    await this.#eachPartition((partition) => {
      const beforeMs = clock.now() - limits.producerExpirationMs
      partition.producers.expire(beforeMs, (key) => partition.transactions.isOpen(key))
      // Memory of batches that left the window long ago goes with the same round.
      partition.hot.dropBefore(this.#options.engine.arena.oldestSerial)
    })
  }

  async #checkpointWhenDue(): Promise<void> {
    const { engine, checkpointer, journalPressure, nextSequence, firstNeededSequence } =
      this.#options
    const nowMs = engine.clock.monotonicMs()
    const isNew =
      nextSequence() !== this.#checkpointedSequence ||
      // Without new frames too, because those wait for room that only a checkpoint gives.
      firstNeededSequence() !== this.#checkpointedFrom ||
      !engine.replaced.isEmpty
    if (nowMs < this.#notBeforeMs || !isNew) return
    const isOld = nowMs - this.#checkpointedAtMs >= engine.limits.checkpointIntervalMs
    const { journalMaxFiles, journalReserveFiles } = engine.limits
    const files = journalMaxFiles - journalReserveFiles
    const isFull = journalPressure() >= checkpointPressure(files, engine.writer.unsynced.size)
    if (!isOld && !isFull) return
    const sequence = nextSequence()
    const from = firstNeededSequence()
    this.#notBeforeMs = Infinity
    try {
      if (await checkpointer.run(true)) {
        this.#checkpointFailures = 0
        this.#checkpointedSequence = sequence
        this.#checkpointedFrom = from
        this.#checkpointedAtMs = engine.clock.monotonicMs()
      }
      this.#notBeforeMs = 0
    } catch (error) {
      engine.logger.error({ error: reasonOf(error) }, 'could not write a checkpoint')
      this.#notBeforeMs = engine.clock.monotonicMs() + CHECKPOINT_RETRY_MS
      // Without checkpoints the journal fills up for good; a full disk may get better, others not.
      if (codeOf(error) !== 'ENOSPC') this.#checkpointFailures++
      if (this.#checkpointFailures >= MAX_CHECKPOINT_FAILURES_IN_ROW) {
        this.#options.onFailed(new Error('checkpoints cannot be written', { cause: error }))
      }
    }
  }

  /** All open logs, a slice at a time. */
  async #eachPartition(action: (partition: Partition) => void | Promise<void>): Promise<void> {
    const { clock, timers, limits, partitions } = this.#options.engine
    let sliceEndMs = clock.monotonicMs() + limits.sliceMs
    for (const partition of [...partitions.all()]) {
      if (this.#stopped) return
      if (partition.state === 'open' && partition.claimed) await action(partition)
      if (clock.monotonicMs() < sliceEndMs) continue
      await new Promise<void>((resolve) => timers.after(1, resolve))
      sliceEndMs = clock.monotonicMs() + limits.sliceMs
    }
  }
}
