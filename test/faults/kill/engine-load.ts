import { join } from 'node:path'
import type { LogStore, LogStoreLimits, PartitionSpec } from '../../../broker/log/index.ts'
import { openLogStore, workerJournalDevice } from '../../../broker/log/index.ts'
import {
  openRealDisk,
  silentLogger,
  systemClock,
  systemTimers,
  uuidFromBytes,
} from '../../../kit/index.ts'
import { encodeBatch } from '../../../protocol/index.ts'

/** What the loaded child and its parent must agree on. */

const MIB = 1024 * 1024

/** Small enough that a second of load rotates journals, rolls segments and checkpoints. */
const LIMITS: Partial<LogStoreLimits> = {
  hotWindowBytes: 16 * MIB,
  hotWindowReserveBytes: MIB,
  journalFileBytes: 2 * MIB,
  journalMaxFiles: 6,
  flushIntervalMs: 100,
  checkpointIntervalMs: 300,
  retentionCheckMs: 500,
}

export const PARTITIONS = 4
export const TOPIC_ID = uuidFromBytes(Buffer.alloc(16, 9))

export const specs: readonly PartitionSpec[] = Array.from(
  { length: PARTITIONS },
  (_, partition) => ({
    topicId: TOPIC_ID,
    partition,
    topicName: 'killed',
    internal: false,
    config: {
      cleanup: { delete: true, compact: false },
      retentionMs: -1,
      retentionBytes: -1,
      segmentBytes: 512 * 1024,
      segmentMs: 3_600_000,
      deleteRetentionMs: 0,
      minCompactionLagMs: 0,
      maxCompactionLagMs: 60_000,
      minCleanableDirtyRatio: 0.5,
      timestampType: 'create',
      durability: 'disk',
    },
  }),
)

/** Everything that a batch is made of: the same description gives the same bytes. */
export interface BatchDescription {
  /** Unique over all rounds. */
  readonly id: string
  readonly partition: number
  readonly recordCount: number
  readonly valueBytes: number
  readonly acks: 'written' | 'durable'
  /** Batches of one name go in one atomic append. */
  readonly atomicGroup: string | null
  readonly producer: { readonly id: number; readonly baseSequence: number } | null
}

/** A line of the child's report, in the order of events. */
export type ChildLine =
  | { readonly event: 'open'; readonly leaderEpoch: number }
  | { readonly event: 'send'; readonly batch: BatchDescription }
  | {
      readonly event: 'answer'
      readonly id: string
      readonly kind: string
      readonly offset: number
    }
  | { readonly event: 'trim'; readonly partition: number; readonly offset: number }
  | { readonly event: 'trimmed'; readonly partition: number; readonly offset: number }

/** What the parent tells a child that starts. */
export interface ChildOrders {
  readonly dataDirectory: string
  /** File for its report; what was written to a file stays when the writer is killed. */
  readonly reportFile: string
  readonly round: number
  readonly seed: number
  /** Never answered before the last kill, to be sent again first, in this order. */
  readonly retries: readonly BatchDescription[]
  /** Where each idempotent producer goes on: by partition. */
  readonly producers: readonly { readonly id: number; readonly nextSequence: number }[]
}

export function batchOf(description: BatchDescription): Buffer {
  const { id, recordCount, valueBytes, producer } = description
  return encodeBatch(
    Array.from({ length: recordCount }, (_, i) => ({
      timestampMs: 1_700_000_000_000,
      key: null,
      value: Buffer.from(`${id}/${i}`.padEnd(valueBytes, '.')),
    })),
    producer
      ? { producer: { id: BigInt(producer.id), epoch: 0, baseSequence: producer.baseSequence } }
      : {},
  )
}

export async function openStore(dataDirectory: string): Promise<LogStore> {
  const { store } = await openLogStore({
    directory: join(dataDirectory, 'log'),
    disk: openRealDisk(),
    clock: systemClock,
    timers: systemTimers,
    logger: silentLogger,
    journalDevice: workerJournalDevice,
    limits: LIMITS,
  })
  await store.create(specs)
  return store
}
