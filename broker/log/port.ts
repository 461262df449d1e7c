import type { Uuid } from '../../kit/index.ts'

/** What a partition's log keeps and for how long: the topic's effective configuration. */
export interface LogConfig {
  readonly cleanup: { readonly delete: boolean; readonly compact: boolean }
  /** Age after which a closed segment is deleted; -1 keeps for ever. */
  readonly retentionMs: number
  /** Size above which the oldest closed segments are deleted; -1 is no limit. */
  readonly retentionBytes: number
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
  /** `append`: the broker's time replaces the producer's in every batch. */
  readonly timestampType: 'create' | 'append'
  /** `disk`: visible and acknowledged once fdatasync returned. `os`: once written (glasslog.durability=os). */
  readonly durability: 'disk' | 'os'
}

/** Between which times a record was appended, in milliseconds of the broker's wall clock. */
export interface AppendSpan {
  readonly earliestMs: number
  readonly latestMs: number
}

export interface PartitionSpec {
  readonly topicId: Uuid
  readonly partition: number
  /** For people who read logs and quarantine reports; never used to find anything. */
  readonly topicName: string
  readonly config: LogConfig
  /** Internal logs may use the journal's reserve when the disk is full, and are never relaxed. */
  readonly internal: boolean
}

/** One partition as the engine knows it. Numbers move as appends become durable; read them when needed. */
export interface PartitionLog {
  readonly topicId: Uuid
  readonly partition: number
  readonly topicName: string
  readonly config: LogConfig
  /** First offset that can be read. */
  readonly logStartOffset: number
  /** Offset that the next batch gets. */
  readonly endOffset: number
  /** Readers see offsets below this: the durable end (or the written end with durability `os`). */
  readonly highWatermark: number
  /** Readers of committed data see offsets below this: the first open transaction, else the high watermark. */
  readonly lastStableOffset: number
  readonly leaderEpoch: number
  /** Bytes of the batches that are kept. */
  readonly sizeBytes: number
  /** Segment files. */
  readonly segmentCount: number
  /** A log whose data cannot be trusted or read answers storage errors and nothing else. */
  readonly state: 'open' | 'quarantined' | 'dropped'
  /**
   * Between which times the record at `offset` was appended: to half a second for what came since
   * the start and is not too long ago, else what memory and segments know. `LogStore.batchAt`
   * may say more. Undefined when there is no such record.
   */
  appendSpan(offset: number): AppendSpan | undefined
  /** About how many bytes of batches lie at or above `offset`. */
  bytesFrom(offset: number): number
}

export interface AppendEntry {
  readonly log: PartitionLog
  /**
   * Exactly one record batch of format 2, checked by the caller (magic, length, CRC, counts). The
   * engine copies it before `append` returns: the caller may then use its bytes for something else.
   */
  readonly batch: Uint8Array
  /** Refuse unless the log ends exactly here. */
  readonly expectedOffset?: number
}

export interface AppendOptions {
  /** When the promise resolves: at once, once in the journal file, or once fdatasync returned. */
  readonly acks: 'none' | 'written' | 'durable'
  /** All entries or none: one refusal refuses all, and recovery keeps all or none. */
  readonly atomic?: boolean
}

/**
 * What became of one entry. Everything but `failed` is final. After `failed` nothing of the entry
 * is in the log, unless `reason` is `unknown-outcome` (the process must look before it retries).
 */
export type AppendResult =
  | {
      readonly kind: 'appended'
      readonly baseOffset: number
      readonly lastOffset: number
      /** -1 unless the topic stamps the broker's time. */
      readonly logAppendTimeMs: number
      readonly logStartOffset: number
    }
  /** The same producer id, epoch and sequences as a batch already kept; answered once that one is durable. */
  | {
      readonly kind: 'duplicate'
      readonly baseOffset: number
      readonly lastOffset: number
      readonly logAppendTimeMs: number
      readonly logStartOffset: number
    }
  | { readonly kind: 'out-of-order-sequence' }
  | { readonly kind: 'fenced-producer-epoch' }
  | { readonly kind: 'unexpected-offset'; readonly endOffset: number }
  /** Another entry of the same atomic append was refused. */
  | { readonly kind: 'refused-with-others' }
  | {
      readonly kind: 'failed'
      readonly reason: 'disk-full' | 'storage-error' | 'dropped' | 'stopping' | 'unknown-outcome'
    }

export interface ReadRequest {
  readonly log: PartitionLog
  readonly offset: number
  readonly maxBytes: number
}

export interface ReadLimits {
  /** Spent in the order of the requests. */
  readonly maxBytes: number
  /** Give at least one whole batch, however large, once per read, to the first partition that has one. */
  readonly atLeastOne: boolean
  readonly isolation: 'uncommitted' | 'committed'
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

interface ReadPosition {
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
}

export type PartitionRead =
  | (ReadPosition & {
      readonly kind: 'records'
      /** Whole batches in offset order; the first may begin below the asked offset (it then contains it). */
      readonly pieces: readonly Uint8Array[]
      readonly sizeBytes: number
      readonly abortedTransactions: readonly AbortedTransaction[]
    })
  | (ReadPosition & { readonly kind: 'offset-out-of-range' })
  | { readonly kind: 'failed'; readonly reason: 'storage-error' | 'dropped' | 'corrupt' }

export interface ReadResult {
  /** One for each request, in the same order. */
  readonly partitions: readonly PartitionRead[]
  readonly sizeBytes: number
  /**
   * The pieces point into memory that is used again. Call exactly once when nobody reads them any
   * more (after the socket took them).
   */
  release(): void
}

/** What the header of a batch says. */
export interface BatchFacts {
  readonly baseOffset: number
  readonly maxTimestampMs: number
}

export interface TimestampAndOffset {
  readonly timestampMs: number
  readonly offset: number
  readonly leaderEpoch: number
}

/** How much room there is. */
export interface DiskSpace {
  /** Record batches and the journal. */
  readonly usedBytes: number
  /** In the file system; null before it was looked at. */
  readonly freeBytes: number | null
  /** Below so much free space ordinary appends are refused. */
  readonly floorBytes: number
}

/** One active producer of a partition, as DescribeProducers shows it. */
export interface ProducerView {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestampMs: number
  readonly coordinatorEpoch: number
  readonly currentTransactionStartOffset: number
}

/**
 * The storage engine's port: every durable thing of the broker is a log behind it. `append` is the
 * one commit point: dedupe, sequence checks, offset assignment and publication happen together,
 * in the order of the calls (synchronously, before the first await of the caller).
 */
export interface LogStore {
  /**
   * The log, when it exists; also one that was found on the disk and that nobody has created since,
   * which keeps everything. O(1): called for every partition of every request.
   */
  find(topicId: Uuid, partition: number): PartitionLog | undefined
  logs(): Iterable<PartitionLog>

  append(entries: readonly AppendEntry[], options: AppendOptions): Promise<readonly AppendResult[]>

  /** Answers at once (no promise) when everything asked for is in memory. */
  read(requests: readonly ReadRequest[], limits: ReadLimits): ReadResult | Promise<ReadResult>

  /**
   * First record with a timestamp >= `timestampMs` at or above the log start and below the high watermark.
   * Rejects with the disk's error or a CorruptSegmentError, as do the two below.
   */
  findByTime(log: PartitionLog, timestampMs: number): Promise<TimestampAndOffset | null>
  /** The record with the highest timestamp below the high watermark (KIP-734). */
  findMaxTimestamp(log: PartitionLog): Promise<TimestampAndOffset | null>
  /** The batch that holds `offset`, or the next one that there is; null when there is none. */
  batchAt(log: PartitionLog, offset: number): Promise<BatchFacts | null>
  /** End of the newest epoch <= `epoch` (KIP-101/279): that epoch and the first offset after it; null when none is known. */
  endOfEpoch(
    log: PartitionLog,
    epoch: number,
  ): { readonly leaderEpoch: number; readonly endOffset: number } | null
  /** The epoch in which the record at `offset` was appended; -1 when that is not known. */
  epochOf(log: PartitionLog, offset: number): number
  producers(log: PartitionLog): readonly ProducerView[]

  /** Calls back when the high watermark or the log start moved, or the log was dropped. Answers how to stop. */
  onGrowth(log: PartitionLog, listener: () => void): () => void

  /** Calls those listeners of a topic's logs: what they wait for may not come any more. */
  wake(topicId: Uuid): void

  /** Creates logs that do not exist; opens with the new config those that do. */
  create(specs: readonly PartitionSpec[]): Promise<void>
  configure(topicId: Uuid, config: LogConfig): void
  /** Moves the log start up to `offset` (at most the high watermark); durable when resolved. Answers the log start. */
  trim(log: PartitionLog, offset: number): Promise<number>
  /** Forgets all partitions of a topic and frees their space; durable when resolved. */
  drop(topicId: Uuid): Promise<void>
  /** Logs that were on the disk at the start and that nobody has created since. */
  unclaimed(): Iterable<PartitionLog>
  /** Moves all partitions of a topic that nobody knows out of the way, readable for people; durable when resolved. */
  setAside(topicId: Uuid): Promise<void>

  /** The volume, as it was when it was looked at last. */
  readonly diskSpace: DiskSpace
  /** How much of the volume the logs may take; null for all of it. What is above that is as good as not there. */
  limitDisk(capacityBytes: number | null): void
  /** `full`: only internal logs are appended to, until space returns. `failed`: nothing is, restart needed. */
  readonly diskState: 'ok' | 'full' | 'failed'
  close(): Promise<void>
}
