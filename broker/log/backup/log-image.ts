import type { Disk, Uuid } from '../../../kit/index.ts'
import { uuidFromBytes } from '../../../kit/index.ts'
import { lastOffsetDelta } from '../batch.ts'
import type { Checkpoint, PartitionCheckpoint } from '../checkpoint/checkpoint.ts'
import { readCheckpoint } from '../checkpoint/checkpoint.ts'
import type { FrameEntry } from '../journal/frame.ts'
import { ENTRY_KIND } from '../journal/frame.ts'
import type { ReplayFrame } from '../journal/replay.ts'
import { replayJournal } from '../journal/replay.ts'
import { layoutOf } from '../layout.ts'
import { segmentFileName } from '../segments/segment.ts'
import { DamagedError } from './batch-stream.ts'
import { readOnly } from './read-only-disk.ts'

/** A segment that the image's checkpoint names. */
export interface ImageSegment {
  readonly topicId: Uuid
  readonly partition: number
  /** Below the data directory. */
  readonly path: string
  readonly indexPath: string
  readonly sizeBytes: number
  readonly baseOffset: number
  readonly nextOffset: number
}

/** What there is of a log once the journal has been replayed. */
export interface ImageLog {
  readonly topicId: Uuid
  readonly partition: number
  readonly topicName: string
  readonly logStartOffset: number
  readonly endOffset: number
}

/** A batch that only the journal has. */
export interface JournalBatch {
  readonly topicId: Uuid
  readonly partition: number
  readonly batch: Buffer
}

interface Range {
  topicName: string
  logStartOffset: number
  endOffset: number
}

/**
 * The files of a store that does not run, read without changing them: what its checkpoint names,
 * and what recovery would make of them. Throws a LogStoreError when the checkpoint is damaged.
 */
export class LogImage {
  readonly #checkpoint: Checkpoint

  constructor(checkpoint: Buffer) {
    this.#checkpoint = readCheckpoint(checkpoint)
  }

  /** First frame of the journal that recovery needs. */
  get replayFrom(): number {
    return this.#checkpoint.replayFrom
  }

  /** Logs whose data could not be trusted any more; their files are no part of the image. */
  get quarantined(): readonly string[] {
    return this.#checkpoint.partitions
      .filter(({ quarantined }) => quarantined)
      .map(({ topicName, topicId, partition }) => `${topicName || topicId}-${partition}`)
  }

  *segments(): Generator<ImageSegment> {
    for (const log of this.#checkpoint.partitions) {
      if (!log.quarantined) yield* segmentsOf(log)
    }
  }

  /**
   * The logs after the journal below `directory` was replayed, and the last frame of it. Every batch
   * that only the journal has is checked and visited. Throws a DamagedError, or the LogStoreError
   * that recovery would throw.
   */
  async replay(
    disk: Disk,
    directory: string,
    visit: (batch: JournalBatch) => void = () => {},
  ): Promise<{ readonly logs: readonly ImageLog[]; readonly journalSequence: number }> {
    const ranges = this.#rangesInSegments()
    const { replayFrom, nextFileId } = this.#checkpoint
    const { journal } = layoutOf(directory)
    const end = await replayJournal(
      readOnly(disk),
      journal,
      replayFrom,
      nextFileId,
      async (frame) => replayFrame(ranges, frame, visit),
    )
    const logs = Array.from(ranges, ([key, range]) => ({ ...identityOf(key), ...range }))
    return { logs, journalSequence: end.nextSequence - 1 }
  }

  #rangesInSegments(): Map<string, Range> {
    const ranges = new Map<string, Range>()
    for (const log of this.#checkpoint.partitions) {
      if (log.quarantined) continue
      const { topicName, logStartOffset, segments } = log
      const endOffset = Math.max(logStartOffset, segments.at(-1)?.nextOffset ?? 0)
      ranges.set(keyOf(log.topicId, log.partition), { topicName, logStartOffset, endOffset })
    }
    return ranges
  }
}

function* segmentsOf({
  topicId,
  partition,
  segments,
}: PartitionCheckpoint): Generator<ImageSegment> {
  for (const { baseOffset, generation, nextOffset, sizeBytes } of segments) {
    const home = `topics/${topicId}/${partition}`
    yield {
      ...{ topicId, partition, baseOffset, nextOffset, sizeBytes },
      path: `${home}/${segmentFileName(baseOffset, generation, 'log')}`,
      indexPath: `${home}/${segmentFileName(baseOffset, generation, 'index')}`,
    }
  }
}

function replayFrame(
  ranges: Map<string, Range>,
  frame: ReplayFrame,
  visit: (batch: JournalBatch) => void,
): void {
  for (const entry of frame.entries) {
    const topicId = uuidFromBytes(entry.topicId)
    if (entry.kind === ENTRY_KIND.batch) replayBatch(ranges, frame, entry, topicId, visit)
    else if (entry.kind === ENTRY_KIND.trim) replayTrim(ranges, entry, topicId)
    else if (entry.kind === ENTRY_KIND.drop || entry.kind === ENTRY_KIND.quarantine) {
      for (const key of [...ranges.keys()]) {
        if (identityOf(key).topicId === topicId) ranges.delete(key)
      }
    }
  }
}

function replayBatch(
  ranges: Map<string, Range>,
  frame: ReplayFrame,
  entry: FrameEntry,
  topicId: Uuid,
  visit: (batch: JournalBatch) => void,
): void {
  const { partition, offset, position, lengthBytes } = entry
  const key = keyOf(topicId, partition)
  if (frame.damaged.has(entry)) {
    throw new DamagedError(
      `the batch at offset ${offset} of ${key} in frame ${frame.sequence} of the journal is damaged`,
    )
  }
  const range = ranges.get(key) ?? { topicName: '', logStartOffset: 0, endOffset: 0 }
  const at = frame.start + position
  const batch = frame.bytes.subarray(at, at + lengthBytes)
  const nextOffset = offset + lastOffsetDelta(batch) + 1
  ranges.set(key, range)
  if (nextOffset <= range.endOffset) return
  const isBegun = range.endOffset > range.logStartOffset
  if (offset > range.endOffset || (isBegun && offset < range.endOffset)) {
    throw new DamagedError(
      `the journal goes on at ${offset} where ${key} ends at ${range.endOffset}`,
    )
  }
  range.endOffset = nextOffset
  visit({ topicId, partition, batch })
}

function replayTrim(ranges: Map<string, Range>, entry: FrameEntry, topicId: Uuid): void {
  const range = ranges.get(keyOf(topicId, entry.partition))
  if (range === undefined) return
  const offset = Math.min(entry.offset, range.endOffset)
  range.logStartOffset = Math.max(range.logStartOffset, offset)
}

function keyOf(topicId: Uuid, partition: number): string {
  return `${topicId}/${partition}`
}

function identityOf(key: string): { readonly topicId: Uuid; readonly partition: number } {
  const [topicId = '', partition] = key.split('/')
  return { topicId, partition: Number(partition) }
}
