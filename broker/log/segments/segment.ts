import { SegmentIndex } from './offset-index.ts'

/** Relative offsets within a segment stay below this, as Kafka's do. */
export const MAX_OFFSET_SPAN = 0x7fff_ffff

/** What is known of a segment without opening it. */
export interface SegmentFacts {
  readonly baseOffset: number
  /**
   * Tells apart files that held the same offsets: 0 for the first one, more after each rewrite (by
   * compaction, or on a new file after a failed sync).
   */
  readonly generation: number
  readonly nextOffset: number
  readonly sizeBytes: number
  /** -1 while it holds no batch with a timestamp. */
  readonly maxTimestampMs: number
  /** Broker's clock when the first batch was written. */
  readonly createdAtMs: number
  /** Broker's clock when the last batch was written. */
  readonly writtenAtMs: number
}

/**
 * A stretch of a partition's log in one file: whole batches in offset order. The newest one of a
 * partition grows; the others never change, they are only replaced as a whole.
 */
export class Segment {
  readonly directory: string
  readonly baseOffset: number
  readonly generation: number
  readonly createdAtMs: number
  nextOffset: number
  sizeBytes = 0
  maxTimestampMs = -1
  writtenAtMs: number
  /** Up to here the file is known to survive power loss. */
  syncedBytes = 0
  /** The same as an offset. */
  syncedOffset: number
  /** The file was created, but its name may not be durable yet. */
  nameSynced = false
  /** Entries in the index file; -1 until the file was looked at. */
  indexEntries = 0
  /** Where the batch of the newest index entry begins. */
  indexedPosition = -1
  /** Index entries on their way to the file. */
  pendingIndex = new SegmentIndex(0)
  /** No longer part of the log; its files go as soon as nothing needs them. */
  removed = false
  /** Made once: as a key, a string that was just put together must be flattened and hashed first. */
  #logPath: string | undefined

  constructor(directory: string, baseOffset: number, generation: number, nowMs: number) {
    this.directory = directory
    this.baseOffset = baseOffset
    this.generation = generation
    this.nextOffset = baseOffset
    this.syncedOffset = baseOffset
    this.createdAtMs = nowMs
    this.writtenAtMs = nowMs
  }

  /** A segment as a checkpoint names it: everything in it was durable. */
  static restore(directory: string, facts: SegmentFacts): Segment {
    const segment = new Segment(directory, facts.baseOffset, facts.generation, facts.createdAtMs)
    segment.nextOffset = facts.nextOffset
    segment.sizeBytes = facts.sizeBytes
    segment.maxTimestampMs = facts.maxTimestampMs
    segment.writtenAtMs = facts.writtenAtMs
    segment.syncedBytes = facts.sizeBytes
    segment.syncedOffset = facts.nextOffset
    segment.nameSynced = true
    segment.indexEntries = -1
    return segment
  }

  get isEmpty(): boolean {
    return this.sizeBytes === 0
  }

  get isSynced(): boolean {
    return this.nameSynced && this.syncedBytes === this.sizeBytes
  }

  get logPath(): string {
    this.#logPath ??= `${this.directory}/${segmentFileName(this.baseOffset, this.generation, 'log')}`
    return this.#logPath
  }

  get indexPath(): string {
    return `${this.directory}/${segmentFileName(this.baseOffset, this.generation, 'index')}`
  }
}

/** Kafka's twenty digits; a rewritten segment has its generation between them and the extension. */
export function segmentFileName(
  baseOffset: number,
  generation: number,
  extension: 'log' | 'index',
): string {
  const digits = String(baseOffset).padStart(20, '0')
  return generation === 0 ? `${digits}.${extension}` : `${digits}.${generation}.${extension}`
}
