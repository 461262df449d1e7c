import { RecordCursor, RecordsError } from '../../../protocol/index.ts'
import {
  baseOffset,
  batchSizeBytes,
  lastOffset,
  maxTimestamp,
  partitionLeaderEpoch,
} from '../batch.ts'
import { codeOf } from '../errors.ts'
import type { Arena } from '../memory/arena.ts'
import type { HotBatches } from '../partition/hot-batches.ts'
import type { Partition } from '../partition/partition.ts'
import type { BatchFacts, TimestampAndOffset } from '../port.ts'
import type { FileCache } from '../segments/file-cache.ts'
import type { IndexCache } from '../segments/index-cache.ts'
import { scanBatches } from '../segments/index-file.ts'
import type { Segment } from '../segments/segment.ts'
import { readAt } from './cold-reader.ts'
import type { ReadLanes } from './read-lanes.ts'

const MAX_ATTEMPTS = 5
/** A lookup of one batch reads little at a time: it is near to where its index leads. */
const LOOKUP_BYTES = 16 * 1024

export interface TimeLookupOptions {
  readonly arena: Arena
  readonly files: FileCache
  readonly indexes: IndexCache
  /** Lookups that read a segment take turns with other reads: each needs memory for a piece of it. */
  readonly lanes: ReadLanes
}

/**
 * Finds records by time. Indexes and batch headers lead to the one batch that may hold the record,
 * and only that one is decoded.
 */
export class TimeLookup {
  readonly #options: TimeLookupOptions

  constructor(options: TimeLookupOptions) {
    this.#options = options
  }

  /** First record with a timestamp >= `timestampMs` that readers can see. */
  async find(log: Partition, timestampMs: number): Promise<TimestampAndOffset | null> {
    for (let attempt = 1; ; attempt++) {
      const { unwritten } = log.hot
      try {
        const found = await this.#findInSegments(log, timestampMs)
        if (found !== null) return found
      } catch (error) {
        // A segment that retention took away meanwhile.
        if (codeOf(error) !== 'ENOENT' || attempt >= MAX_ATTEMPTS) throw error
        continue
      }
      log.hot.dropBefore(this.#options.arena.oldestSerial)
      // What came to a segment and left memory meanwhile was not looked at in either.
      if (log.hot.first > unwritten && attempt < MAX_ATTEMPTS) continue
      return this.#findInHot(log, timestampMs, unwritten)
    }
  }

  /** The batch that holds `offset`, or the next one that there is; null when there is none. */
  async at(log: Partition, offset: number): Promise<BatchFacts | null> {
    for (let attempt = 1; ; attempt++) {
      const { hot } = log
      hot.dropBefore(this.#options.arena.oldestSerial)
      const index = hot.find(offset)
      const isHot = hot.baseOffset(index) <= offset || log.writtenOffset <= offset
      if (index < hot.end && isHot) return hotFacts(hot, index)
      const segment = log.segments[log.findSegment(offset)]
      if (segment === undefined) return index < hot.end ? hotFacts(hot, index) : null
      try {
        const found = await this.#factsInSegment(segment, offset)
        if (found !== null) return found
        // Compaction left nothing at or after the offset in this segment.
        offset = segment.nextOffset
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt >= MAX_ATTEMPTS) throw error
      }
    }
  }

  async #factsInSegment(segment: Segment, offset: number): Promise<BatchFacts | null> {
    const { files, indexes } = this.#options
    const index = await indexes.get(segment)
    let found: BatchFacts | null = null
    const visit = (bytes: Buffer, at: number): boolean => {
      if (lastOffset(bytes, at) < offset) return true
      found = { baseOffset: baseOffset(bytes, at), maxTimestampMs: maxTimestamp(bytes, at) }
      return false
    }
    await scanBatches(segment, files, index.positionOf(offset), visit, LOOKUP_BYTES)
    return found
  }

  /** The first record with the highest timestamp that readers can see. */
  async findMax(log: Partition): Promise<TimestampAndOffset | null> {
    let maxMs = -1
    const { hot } = log
    const { lanes } = this.#options
    const { unwritten } = hot
    for (const segment of [...log.segments]) {
      const isCut = segment.baseOffset < log.logStartOffset
      const segmentMs = isCut
        ? await lanes.run(() => this.#maxAfterCut(log, segment))
        : segment.maxTimestampMs
      maxMs = Math.max(maxMs, segmentMs)
    }
    for (let index = this.#firstHot(log, unwritten); index < hot.end; index++) {
      if (hot.nextOffset(index) > log.highWatermark) break
      maxMs = Math.max(maxMs, hot.maxTimestampMs(index))
    }
    return maxMs < 0 ? null : this.find(log, maxMs)
  }

  /** The highest timestamp of a segment whose beginning lies below the log start. */
  async #maxAfterCut(log: Partition, segment: Segment): Promise<number> {
    const { files, indexes } = this.#options
    if (segment.nextOffset <= log.logStartOffset) return -1
    const index = await indexes.get(segment)
    let maxMs = -1
    await scanBatches(segment, files, index.positionOf(log.logStartOffset), (bytes, at) => {
      // Of a batch that the log start divides, the records before it count too: not worth decoding.
      if (lastOffset(bytes, at) >= log.logStartOffset)
        maxMs = Math.max(maxMs, maxTimestamp(bytes, at))
      return true
    })
    return maxMs
  }

  async #findInSegments(log: Partition, timestampMs: number): Promise<TimestampAndOffset | null> {
    const { lanes } = this.#options
    for (const segment of [...log.segments]) {
      if (segment.removed || segment.nextOffset <= log.logStartOffset) continue
      if (segment.maxTimestampMs < timestampMs) continue
      const found = await lanes.run(() => this.#findInSegment(log, segment, timestampMs))
      if (found !== null) return found
    }
    return null
  }

  async #findInSegment(
    log: Partition,
    segment: Segment,
    timestampMs: number,
  ): Promise<TimestampAndOffset | null> {
    const { files, indexes } = this.#options
    const index = await indexes.get(segment)
    let from = index.positionOfTime(timestampMs)
    for (;;) {
      let candidate: { readonly position: number; readonly sizeBytes: number } | undefined
      await scanBatches(segment, files, from, (bytes, at, position) => {
        const isCandidate =
          maxTimestamp(bytes, at) >= timestampMs && lastOffset(bytes, at) >= log.logStartOffset
        if (isCandidate) candidate = { position, sizeBytes: batchSizeBytes(bytes, at) }
        return !isCandidate
      })
      if (candidate === undefined) return null
      const batch = await readAt(segment, files, candidate.position, candidate.sizeBytes)
      const found = firstRecord(log, batch, timestampMs)
      if (found !== null) return found
      // All its late records lie below the log start.
      from = candidate.position + candidate.sizeBytes
    }
  }

  #findInHot(log: Partition, timestampMs: number, from: number): TimestampAndOffset | null {
    const { hot } = log
    for (let index = this.#firstHot(log, from); index < hot.end; index++) {
      if (hot.nextOffset(index) > log.highWatermark) return null
      if (hot.maxTimestampMs(index) < timestampMs) continue
      const { bytes } = this.#options.arena.chunk(hot.chunkSerial(index)).memory
      const position = hot.position(index)
      const batch = bytes.subarray(position, position + hot.sizeBytes(index))
      const found = firstRecord(log, batch, timestampMs)
      if (found !== null) return found
    }
    return null
  }

  /** The first batch in memory that was not in a segment when `from` was the first of those. */
  #firstHot(log: Partition, from: number): number {
    return Math.max(Math.min(from, log.hot.unwritten), log.hot.find(log.logStartOffset))
  }
}

function hotFacts(hot: HotBatches, index: number): BatchFacts {
  return { baseOffset: hot.baseOffset(index), maxTimestampMs: hot.maxTimestampMs(index) }
}

function firstRecord(
  log: Partition,
  batch: Buffer,
  timestampMs: number,
): TimestampAndOffset | null {
  try {
    return firstDecodedRecord(log, batch, timestampMs)
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    return undecodable(log, batch)
  }
}

function firstDecodedRecord(
  log: Partition,
  batch: Buffer,
  timestampMs: number,
): TimestampAndOffset | null {
  const cursor = new RecordCursor(batch)
  while (cursor.next()) {
    const { offset, timestampMs: recordMs } = cursor
    if (recordMs < timestampMs || offset < log.logStartOffset) continue
    if (offset >= log.highWatermark) return null
    return { timestampMs: recordMs, offset, leaderEpoch: partitionLeaderEpoch(batch) }
  }
  return null
}

/**
 * A batch whose records nobody can decode counts as a whole, with the time that its header says: who
 * reads from there misses nothing, and is told what is wrong by the batch itself.
 */
function undecodable(log: Partition, batch: Buffer): TimestampAndOffset | null {
  const offset = Math.max(baseOffset(batch, 0), log.logStartOffset)
  if (offset >= log.highWatermark) return null
  const leaderEpoch = partitionLeaderEpoch(batch)
  return { timestampMs: maxTimestamp(batch, 0), offset, leaderEpoch }
}
