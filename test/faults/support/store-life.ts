import type {
  AppendOptions,
  AppendResult,
  CleanerSettings,
  LogStore,
  LogStoreLimits,
  PartitionLog,
  PartitionSpec,
  RecoveryReport,
} from '../../../broker/log/index.ts'
import { inlineJournalDevice, openLogStore } from '../../../broker/log/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import { createLogger, silentLogger } from '../../../kit/index.ts'
import type { SimDisk, SimTime } from '../../../kit/testing.ts'
import { createSimTime } from '../../../kit/testing.ts'
import { addToSequence, encodeBatch } from '../../../protocol/index.ts'
import type { Ledger, ProducerState, SentBatch, SentRecord, TopicPromise } from './ledger.ts'
import type { LogKey } from './observation.ts'
import { logKey } from './observation.ts'

/** Small enough that a short script rotates journals, rolls segments and checkpoints many times. */
export const SMALL_LIMITS: Partial<LogStoreLimits> = {
  chunkBytes: 16_384,
  hotWindowBytes: 131_072,
  hotWindowReserveBytes: 32_768,
  journalFileBytes: 32_768,
  journalMaxFiles: 6,
  journalReserveFiles: 1,
  flushIntervalMs: 1_000,
  flushWriteBytes: 8_192,
  flushSyncBytes: 16_384,
  checkpointIntervalMs: 4_000,
  indexIntervalBytes: 1_024,
  readChunkBytes: 4_096,
  minFreeBytes: 65_536,
  freeSpaceCheckMs: 1_000,
  retentionCheckMs: 10_000,
}

/** Compaction comes often, and its map holds fewer keys than the workload has. */
const SMALL_CLEANER: Partial<CleanerSettings> = {
  backoffMs: 2_000,
  mapBytes: 4 * 24,
  bufferBytes: 1_024,
}

/** Thrown out of a script when its process has ended. */
export class ProcessEnded extends Error {
  constructor() {
    super('the process ended')
  }
}

/** What a script appends: one batch for one log. */
export interface Send {
  readonly log: LogKey
  readonly records: readonly SentRecord[]
  readonly producer?: ProducerState
  readonly expectedOffset?: number
}

/** `GLASSLOG_FAULTS_LOG=debug` shows what the store says, best with one plan only. */
const logger = process.env.GLASSLOG_FAULTS_LOG ? createLogger('debug') : silentLogger

/** Simulated milliseconds after which a call that has not been answered is taken for hung. */
const PATIENCE_MS = 60_000

/**
 * One life of the storage engine on a simulated disk: from opening to its end. Everything that it is
 * asked and answers goes into the ledger.
 */
export class StoreLife {
  readonly disk: SimDisk
  readonly ledger: Ledger
  readonly time: SimTime
  readonly #directory = '/data'
  #store: LogStore | undefined
  #hasEnded = false
  /** What the last opening found and did. */
  recovery: RecoveryReport | undefined
  /** What the store told when it gave up. */
  failure: Error | undefined
  /** An append failed: what a script expects of later ones may not come true. */
  hadFailures = false

  constructor(disk: SimDisk, ledger: Ledger, time: SimTime = createSimTime()) {
    this.disk = disk
    this.ledger = ledger
    this.time = time
    void disk.stopped.then(() => {
      this.#hasEnded = true
    })
  }

  get store(): LogStore {
    if (!this.#store) throw new Error('the store is not open')
    return this.#store
  }

  async open(): Promise<void> {
    const { store, recovery } = await this.drive(
      openLogStore({
        directory: this.#directory,
        disk: this.disk,
        clock: this.time.clock,
        timers: this.time.timers,
        logger,
        journalDevice: inlineJournalDevice(this.disk),
        limits: SMALL_LIMITS,
        cleaner: SMALL_CLEANER,
        onFailure: (error) => {
          this.failure = error
        },
      }),
    )
    this.#store = store
    this.recovery = recovery
  }

  get isOpen(): boolean {
    return this.#store !== undefined
  }

  /** Called once the state after opening was checked: this life's epoch must never come again. */
  acceptEpoch(): void {
    for (const log of this.store.logs()) {
      this.ledger.seenLeaderEpoch = Math.max(this.ledger.seenLeaderEpoch, log.leaderEpoch)
    }
  }

  async create(specs: readonly PartitionSpec[]): Promise<TopicPromise> {
    const topic = this.ledger.addTopic(specs)
    await this.drive(this.store.create(specs))
    this.acceptEpoch()
    return topic
  }

  /** Asks for the topics that the control plane knows, as every start of a broker does. */
  async createKnown(): Promise<void> {
    await this.drive(this.store.create(this.ledger.wantedSpecs))
  }

  log(key: LogKey): PartitionLog {
    const [topicId = '', partition] = key.split('/')
    const log = this.store.find(topicId, Number(partition))
    if (!log) throw new Error(`no such log: ${key}`)
    return log
  }

  /** Hands the batches over at once; the promise is for the answers, which the ledger gets too. */
  send(sends: readonly Send[], options: AppendOptions): Promise<readonly AppendResult[]> {
    const atomicGroup = options.atomic && sends.length > 1 ? this.ledger.newGroup() : null
    const batches = sends.map((send) => this.#batchOf(send, options, atomicGroup))
    for (const batch of batches) this.ledger.addBatch(batch)
    return this.#append(batches, sends, options)
  }

  /** The same bytes once more, as a client does that heard no answer. */
  resend(batch: SentBatch): Promise<readonly AppendResult[]> {
    this.ledger.sendAgain(batch)
    return this.#append([batch], [{ log: batch.log }], { acks: 'durable' })
  }

  /** Runs simulated time until `work` is done; ends the script when the process ends first. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined
    work.then(
      (value) => {
        outcome = { value }
      },
      (error: unknown) => {
        outcome = { error }
      },
    )
    for (let waitedMs = 0; ; ) {
      await this.time.settle()
      if (this.#hasEnded) throw new ProcessEnded()
      if (outcome) break
      if (waitedMs > PATIENCE_MS) throw new Error('a call to the store was never answered')
      const stepMs = waitedMs < 20 ? 1 : 200
      await this.time.advance(stepMs)
      waitedMs += stepMs
    }
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  async sleep(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; leftMs > 0; ) {
      const stepMs = Math.min(leftMs, 100)
      await this.time.advance(stepMs)
      leftMs -= stepMs
      if (this.#hasEnded) throw new ProcessEnded()
    }
  }

  async trim(key: LogKey, offset: number): Promise<void> {
    await this.drive(this.startTrim(key, offset))
  }

  /** For trims that other calls overtake. */
  async startTrim(key: LogKey, offset: number): Promise<void> {
    const promise = this.ledger.log(key)
    promise.trimsAsked.add(offset)
    const startOffset = await this.store.trim(this.log(key), offset)
    promise.trimDone = Math.max(promise.trimDone, startOffset)
  }

  async drop(topicId: Uuid): Promise<void> {
    const topic = this.ledger.topics.get(topicId)
    if (!topic) throw new RangeError(`no such topic: ${topicId}`)
    topic.dropped = 'asked'
    await this.drive(this.store.drop(topicId))
    topic.dropped = 'done'
  }

  /** What a consumer that reads everything now has been shown. */
  look(): void {
    for (const log of this.store.logs()) {
      const promise = this.ledger.log(logKey(log.topicId, log.partition))
      promise.seenHighWatermark = Math.max(promise.seenHighWatermark, log.highWatermark)
    }
  }

  async close(): Promise<void> {
    await this.drive(this.store.close())
    this.#store = undefined
  }

  #batchOf(send: Send, options: AppendOptions, atomicGroup: number | null): SentBatch {
    const { log, records, producer } = send
    const timestampMs = this.time.clock.now()
    const bytes = encodeBatch(
      records.map(({ key, value }) => ({
        timestampMs,
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
      })),
      producer
        ? {
            producer: {
              id: producer.producerId,
              epoch: producer.producerEpoch,
              baseSequence: producer.nextSequence,
            },
          }
        : {},
    )
    if (producer) producer.nextSequence = addToSequence(producer.nextSequence, records.length)
    const number = this.ledger.newBatchNumber()
    const { acks } = options
    return {
      number,
      log,
      bytes,
      records,
      acks,
      atomicGroup,
      producer: producer ?? null,
      answer: null,
      isRecovered: false,
      isGone: false,
    }
  }

  async #append(
    batches: readonly SentBatch[],
    sends: readonly { readonly log: LogKey; readonly expectedOffset?: number }[],
    options: AppendOptions,
  ): Promise<readonly AppendResult[]> {
    const entries = batches.map((batch, i) => {
      const expectedOffset = sends[i]?.expectedOffset
      const entry = { log: this.log(batch.log), batch: batch.bytes }
      return expectedOffset === undefined ? entry : { ...entry, expectedOffset }
    })
    const results = await this.store.append(entries, options)
    if (results.some((result) => result.kind === 'failed')) this.hadFailures = true
    for (const [i, batch] of batches.entries()) {
      const answer = results[i] ?? null
      if (answer?.kind === 'appended' || answer?.kind === 'duplicate') {
        if (batch.acks !== 'durable') batch.acks = options.acks
        batch.answer = answer
      } else {
        // A retry that fails says nothing of the first try.
        batch.answer ??= answer
      }
    }
    return results
  }
}
