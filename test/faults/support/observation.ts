import type { LogStore, PartitionLog } from '../../../broker/log/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import { batchesIn, batchHeader } from '../../../protocol/index.ts'

export type LogKey = `${Uuid}/${number}`

export function logKey(topicId: Uuid, partition: number): LogKey {
  return `${topicId}/${partition}`
}

export interface ObservedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly bytes: Buffer
}

/** One log as a reader finds it. */
export interface ObservedLog {
  readonly state: PartitionLog['state']
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly endOffset: number
  readonly leaderEpoch: number
  readonly batches: readonly ObservedBatch[]
  /** Why reading ended before the high watermark. */
  readonly readError: string | null
}

export type Observation = ReadonlyMap<LogKey, ObservedLog>

/** Small, and no multiple of anything, so that reads begin and end at all kinds of places. */
const READ_BYTES = 5003

/** Reads everything that a store has, claimed or not. */
export async function observe(store: LogStore, readBytes = READ_BYTES): Promise<Observation> {
  const observation = new Map<LogKey, ObservedLog>()
  for (const log of [...store.logs(), ...store.unclaimed()]) {
    observation.set(logKey(log.topicId, log.partition), await observeLog(store, log, readBytes))
  }
  return observation
}

async function observeLog(
  store: LogStore,
  log: PartitionLog,
  readBytes: number,
): Promise<ObservedLog> {
  const { state, logStartOffset, highWatermark, endOffset, leaderEpoch } = log
  const batches: ObservedBatch[] = []
  let readError: string | null = null
  for (let offset = logStartOffset; offset < highWatermark && readError === null; ) {
    const read = await readFrom(store, log, offset, readBytes)
    if (typeof read === 'string') {
      readError = read
      break
    }
    batches.push(...read)
    const next = (batches.at(-1)?.lastOffset ?? -1) + 1
    if (next <= offset) readError = `a read at ${offset} went back to ${next}`
    offset = next
  }
  return { state, logStartOffset, highWatermark, endOffset, leaderEpoch, batches, readError }
}

async function readFrom(
  store: LogStore,
  log: PartitionLog,
  offset: number,
  maxBytes: number,
): Promise<ObservedBatch[] | string> {
  const read = await store.read([{ log, offset, maxBytes }], {
    maxBytes,
    atLeastOne: true,
    isolation: 'uncommitted',
  })
  try {
    const [partition] = read.partitions
    if (partition?.kind !== 'records') return `${partition?.kind} at ${offset}`
    if (partition.pieces.length === 0) return `nothing at ${offset}`
    return partition.pieces.flatMap((piece) => [...batchesIn(piece)]).map(copyBatch)
  } finally {
    read.release()
  }
}

function copyBatch(batch: Uint8Array): ObservedBatch {
  const bytes = Buffer.from(batch)
  return {
    baseOffset: batchHeader.baseOffset(bytes),
    lastOffset: batchHeader.lastOffset(bytes),
    leaderEpoch: batchHeader.partitionLeaderEpoch(bytes),
    bytes,
  }
}

const LEADER_EPOCH_END = 16

/** What tells a batch from all others: its bytes without what the store sets (offset, leader epoch). */
export function contentOf(bytes: Buffer): string {
  return bytes.toString('latin1', LEADER_EPOCH_END)
}
