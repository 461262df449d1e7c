import type { Disk } from '../../kit/index.ts'
import type { HistoryRecord } from '../record.ts'
import { SEGMENT_RECORDS } from './columns.ts'
import type { Segment } from './segment.ts'
import { GrowingSegment } from './segment.ts'
import type { StoredSegment } from './segment-file.ts'
import { openSegment, SegmentCache, writeSegment } from './segment-file.ts'

/** Parts of segments that are kept in memory for the next query. */
const CACHE_BYTES = 48 * 1024 * 1024

/**
 * The index over the history: segments of 8192 records each, full ones in files, the last one
 * growing in memory. Made out of the records and nothing else, so it can be thrown away.
 */
export class HistoryIndex {
  readonly #disk: Disk
  readonly #directory: string
  readonly #cache = new SegmentCache(CACHE_BYTES)
  readonly #stored: StoredSegment[] = []
  /** Full, and not in a file yet; oldest first. */
  readonly #unwritten: GrowingSegment[] = []
  #growing = new GrowingSegment(0)

  constructor(disk: Disk, directory: string) {
    this.#disk = disk
    this.#directory = directory
  }

  /** Finds the segments of the first `end` records. What follows the last of them is to be added. */
  async open(end = Number.POSITIVE_INFINITY): Promise<void> {
    while (this.storedEnd + SEGMENT_RECORDS <= end) {
      const path = this.#pathOf(this.#stored.length)
      if (!(await this.#disk.exists(path))) break
      const segment = await openSegment(this.#disk, path, this.#cache)
      const first = this.#stored.length * SEGMENT_RECORDS
      if (segment?.first !== first || segment.count !== SEGMENT_RECORDS) {
        await segment?.close()
        break
      }
      this.#stored.push(segment)
    }
    this.#growing = new GrowingSegment(this.#stored.length * SEGMENT_RECORDS)
  }

  /** Sequence number of the first record that is not in the index. */
  get end(): number {
    return this.#growing.first + this.#growing.count
  }

  /** Records that a start would have to add again: those that are in no file. */
  get storedEnd(): number {
    return this.#stored.length * SEGMENT_RECORDS
  }

  /** Takes the record that follows. True when it filled a segment, which can be written now. */
  add(record: HistoryRecord): boolean {
    this.#growing.add(record)
    if (!this.#growing.isFull) return false
    this.#unwritten.push(this.#growing)
    this.#growing = new GrowingSegment(this.end)
    return true
  }

  /** Writes the full segments. One call at a time. */
  async flush(): Promise<void> {
    for (let [segment] = this.#unwritten; segment; [segment] = this.#unwritten) {
      const path = this.#pathOf(this.#stored.length)
      await writeSegment(this.#disk, path, segment)
      await this.#disk.syncDirectory(this.#directory)
      const stored = await openSegment(this.#disk, path, this.#cache)
      if (!stored) throw new Error(`${path} cannot be read back`)
      this.#stored.push(stored)
      this.#unwritten.shift()
    }
  }

  get segmentCount(): number {
    return this.#stored.length + this.#unwritten.length + 1
  }

  /** Segments from 0 on; the record `seq` is in number `seq / 8192`. */
  segment(number: number): Segment {
    return this.#stored[number] ?? this.#unwritten[number - this.#stored.length] ?? this.#growing
  }

  /**
   * The first record whose time, or that of one before it, is past `timeMs`: what was known at that
   * moment is the records before it. Clocks are set back at times; the order of the records is not.
   */
  async firstAfter(timeMs: number): Promise<number> {
    for (let number = 0; number < this.segmentCount; number++) {
      const segment = this.segment(number)
      if (segment.maxTimeMs <= timeMs || segment.count === 0) continue
      const times = await segment.column('timeMs')
      for (let at = 0; at < segment.count; at++) {
        if ((times[at] ?? 0) > timeMs) return segment.first + at
      }
    }
    return this.end
  }

  async close(): Promise<void> {
    for (const segment of this.#stored) await segment.close()
  }

  #pathOf(number: number): string {
    return `${this.#directory}/segment-${String(number).padStart(8, '0')}`
  }
}
