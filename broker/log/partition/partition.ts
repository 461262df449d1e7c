import type { Uuid } from '../../../kit/index.ts'
import { uuidToBytes } from '../../../kit/index.ts'
import {
  baseSequence,
  batchSizeBytes,
  hasProducerId,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffsetDelta,
  maxTimestamp,
  producerEpoch,
  readMarker,
} from '../batch.ts'
import type { AppendSpan, LogConfig, PartitionLog } from '../port.ts'
import type { Segment } from '../segments/segment.ts'
import type { AppendTimesBudget } from './append-times.ts'
import { AppendTimes } from './append-times.ts'
import { HotBatches } from './hot-batches.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { producerKeyOf } from './producer-key.ts'
import type { SequenceVerdict } from './producer-table.ts'
import { ProducerTable } from './producer-table.ts'
import { SerialQueue } from './serial-queue.ts'
import { TransactionIndex } from './transaction-index.ts'

export interface PartitionIdentity {
  readonly topicId: Uuid
  readonly partition: number
  readonly topicName: string
  readonly internal: boolean
  readonly config: LogConfig
  /** Where its segments lie. */
  readonly directory: string
  readonly maxProducers: number
  readonly appendTimesBudget: AppendTimesBudget
}

/**
 * One partition's log in memory. Four offsets divide it, each at most the next:
 * log start <= written to segments <= durable in the journal <= end. Offsets change only here and
 * in the append path; files are touched only inside `exclusive`.
 */
export class Partition implements PartitionLog {
  readonly topicId: Uuid
  readonly topicIdBytes: Buffer
  readonly partition: number
  readonly directory: string
  topicName: string
  config: LogConfig
  internal: boolean
  state: 'open' | 'quarantined' | 'dropped' = 'open'
  /** Whether somebody created it since the start; others were found on the disk only. */
  claimed = false

  logStartOffset = 0
  endOffset = 0
  /** Everything below survives power loss, in the journal or in a segment. */
  durableOffset = 0
  highWatermark = 0
  leaderEpoch = 0
  /** Records below have no later record of their key below it: compaction got here. */
  cleanedOffset = 0

  /** Bytes of batches that are not in a segment file. */
  unwrittenBytes = 0
  /** Bytes of the segments. */
  segmentBytes = 0

  readonly hot = new HotBatches()
  readonly appendTimes: AppendTimes
  readonly producers: ProducerTable
  readonly transactions = new TransactionIndex()
  readonly epochs = new LeaderEpochs()
  /** Oldest first. The last one grows unless `rollNext`. */
  readonly segments: Segment[] = []
  /** The next batch starts a new segment. */
  rollNext = false
  /** Generation of the next segment: above 0 when a file of the same base offset was given up. */
  nextGeneration = 0
  /** Only one at a time may write, replace or remove files. */
  readonly exclusive = new SerialQueue()

  /** Place in the flusher's queue. */
  dirtySinceMs = -1
  /** Marks that its listeners will be called for the progress that is being published. */
  grown = false
  readonly #listeners = new Set<() => void>()

  constructor(identity: PartitionIdentity) {
    this.topicId = identity.topicId
    this.topicIdBytes = uuidToBytes(identity.topicId)
    this.partition = identity.partition
    this.topicName = identity.topicName
    this.internal = identity.internal
    this.config = identity.config
    this.directory = identity.directory
    this.producers = new ProducerTable(identity.maxProducers)
    this.appendTimes = new AppendTimes(identity.appendTimesBudget)
  }

  get lastStableOffset(): number {
    return Math.min(this.highWatermark, this.transactions.firstUnstableOffset)
  }

  get sizeBytes(): number {
    return this.segmentBytes + this.unwrittenBytes
  }

  get segmentCount(): number {
    return this.segments.length
  }

  get activeSegment(): Segment | undefined {
    return this.segments.at(-1)
  }

  /** First offset that is not in a segment file. */
  get writtenOffset(): number {
    return this.segments.at(-1)?.nextOffset ?? this.logStartOffset
  }

  /** First offset that is not durable in a segment file; recovery needs the journal from here. */
  get syncedOffset(): number {
    for (const segment of this.segments) if (!segment.isSynced) return segment.syncedOffset
    return this.writtenOffset
  }

  appendSpan(offset: number): AppendSpan | undefined {
    if (offset < this.logStartOffset || offset >= this.endOffset) return undefined
    const { appendTimes } = this
    const span = appendTimes.spanOf(offset)
    if (span) return span
    // It was here before this process, or came back from the journal when it started.
    const segment = this.segments[this.findSegment(offset)]
    const previous = this.segments[this.findSegment(offset) - 1]
    const latestMs = Math.min(segment?.writtenAtMs ?? Infinity, appendTimes.firstMs ?? Infinity)
    return { earliestMs: previous?.createdAtMs ?? 0, latestMs }
  }

  bytesFrom(offset: number): number {
    const from = Math.max(offset, this.logStartOffset)
    if (from >= this.endOffset) return 0
    const appended = this.appendTimes.bytesFrom(from)
    if (appended !== undefined) return Math.round(Math.min(appended, this.sizeBytes))
    // Older batches are taken to be all of one size.
    const olderEnd = this.appendTimes.firstOffset ?? this.endOffset
    const newerBytes = this.appendTimes.bytesFrom(olderEnd) ?? 0
    const olderBytes = Math.max(0, this.sizeBytes - newerBytes)
    const share = (olderEnd - from) / (olderEnd - this.logStartOffset)
    return Math.round(newerBytes + olderBytes * share)
  }

  /** Place in `segments` of the first one that ends above `offset`. */
  findSegment(offset: number): number {
    let low = 0
    let high = this.segments.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.segments[middle]?.nextOffset ?? Infinity) > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  onGrowth(listener: () => void): () => void {
    // A wrapper, so that the same function may listen twice.
    const entry = (): void => listener()
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  notifyGrowth(): void {
    this.grown = false
    for (const listener of this.#listeners) listener()
  }

  /** What the producer state says to the batch at `at`, which has a producer id and is no marker. */
  judgeSequence(bytes: Uint8Array, at: number): SequenceVerdict {
    return this.producers.judge(
      producerKeyOf(bytes, at),
      producerEpoch(bytes, at),
      baseSequence(bytes, at),
      lastOffsetDelta(bytes, at),
    )
  }

  /** Whether a marker comes from a coordinator or for a producer epoch that others have overtaken. */
  isMarkerFenced(bytes: Uint8Array): boolean {
    const producer = this.producers.get(producerKeyOf(bytes, 0))
    if (producer === undefined) return false
    if (producerEpoch(bytes, 0) < producer.epoch) return true
    return (readMarker(bytes, 0)?.coordinatorEpoch ?? 0) < producer.coordinatorEpoch
  }

  /** Adds a batch that lies at `position` of a chunk; its header is read from `bytes` at `at`. */
  place(
    bytes: Uint8Array,
    at: number,
    baseOffset: number,
    nextOffset: number,
    chunkSerial: number,
    position: number,
  ): void {
    const sizeBytes = batchSizeBytes(bytes, at)
    const maxTimestampMs = maxTimestamp(bytes, at)
    this.hot.push(baseOffset, nextOffset, chunkSerial, position, sizeBytes, maxTimestampMs)
    this.unwrittenBytes += sizeBytes
    this.endOffset = nextOffset
  }

  /** Producer and transaction state after a batch. */
  noteBatch(
    bytes: Uint8Array,
    at: number,
    baseOffset: number,
    lastOffset: number,
    nowMs: number,
  ): void {
    if (!hasProducerId(bytes, at)) return
    const key = producerKeyOf(bytes, at)
    const epoch = producerEpoch(bytes, at)
    if (isControl(bytes, at)) {
      const marker = readMarker(bytes, at)
      if (marker === null) return
      this.producers.mark(key, epoch, marker.coordinatorEpoch, nowMs)
      this.transactions.end(key, baseOffset, marker.kind === 'abort')
      return
    }
    if (isTransactional(bytes, at)) this.transactions.extend(key, baseOffset)
    const sequence = baseSequence(bytes, at)
    if (sequence < 0) return
    const appendTimeMs = isLogAppendTime(bytes, at) ? maxTimestamp(bytes, at) : -1
    const delta = lastOffset - baseOffset
    this.producers.append(key, epoch, sequence, delta, lastOffset, appendTimeMs, nowMs)
  }

  publishHighWatermark(offset: number): void {
    if (offset <= this.highWatermark) return
    this.highWatermark = offset
    if (!this.transactions.isIdle) this.transactions.advance(offset)
  }

  /** Moves the log start; segments below it are left to the caller. */
  raiseLogStart(offset: number): void {
    if (offset <= this.logStartOffset) return
    this.logStartOffset = offset
    this.epochs.trim(offset)
    this.transactions.trim(offset)
  }

  describe(): string {
    return `${this.topicName || this.topicId}-${this.partition}`
  }
}
