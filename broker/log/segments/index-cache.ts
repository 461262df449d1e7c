import type { DiskFile } from '../../../kit/index.ts'
import { codeOf } from '../errors.ts'
import type { FileCache } from './file-cache.ts'
import { decodeIndex, rebuildIndex } from './index-file.ts'
import { INDEX_ENTRY_BYTES, SegmentIndex } from './offset-index.ts'
import type { Segment } from './segment.ts'

/** What the disk says of a file that is not there, or cannot be read: all that it said is in the segment. */
const UNUSABLE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EIO'])

/** Indexes of segments in memory, at most `limitBytes` of them; the one not used longest goes first. */
export class IndexCache {
  readonly #files: FileCache
  readonly #limitBytes: number
  readonly #intervalBytes: number
  readonly #indexes = new Map<Segment, SegmentIndex>()
  readonly #loading = new Map<Segment, Promise<SegmentIndex>>()
  #sizeBytes = 0

  constructor(files: FileCache, limitBytes: number, intervalBytes: number) {
    this.#files = files
    this.#limitBytes = limitBytes
    this.#intervalBytes = intervalBytes
  }

  get intervalBytes(): number {
    return this.#intervalBytes
  }

  /** The index when it is in memory. */
  peek(segment: Segment): SegmentIndex | undefined {
    const index = this.#indexes.get(segment)
    if (index === undefined) return undefined
    this.#indexes.delete(segment)
    this.#indexes.set(segment, index)
    return index
  }

  /** The index, read or rebuilt when it is not in memory. */
  async get(segment: Segment): Promise<SegmentIndex> {
    const known = this.peek(segment)
    if (known !== undefined) return known
    let loading = this.#loading.get(segment)
    if (loading === undefined) {
      loading = this.#load(segment).finally(() => this.#loading.delete(segment))
      this.#loading.set(segment, loading)
    }
    return loading
  }

  /** Keeps the index of a segment that was just begun. */
  put(segment: Segment, index: SegmentIndex): void {
    this.forget(segment)
    this.#sizeBytes += index.sizeBytes
    this.#indexes.set(segment, index)
    this.#shrink(segment)
  }

  /** Adds an entry to the index when it is in memory. */
  add(segment: Segment, baseOffset: number, position: number, maxTimestampMs: number): void {
    const index = this.#indexes.get(segment)
    if (index === undefined) return
    const beforeBytes = index.sizeBytes
    index.add(baseOffset, position, maxTimestampMs)
    this.#sizeBytes += index.sizeBytes - beforeBytes
    this.#shrink(segment)
  }

  forget(segment: Segment): void {
    const index = this.#indexes.get(segment)
    if (index === undefined) return
    this.#indexes.delete(segment)
    this.#sizeBytes -= index.sizeBytes
  }

  async #load(segment: Segment): Promise<SegmentIndex> {
    // A segment that is being written may have all of its entries on their way still.
    const hasNoEntries = segment.indexEntries === 0
    const stored = hasNoEntries ? new SegmentIndex() : await this.#read(segment)
    if (stored === undefined) return this.#rebuild(segment)
    if (segment.indexEntries < 0) {
      segment.indexEntries = stored.count
      segment.indexedPosition = stored.lastPosition
    }
    // A flush wrote more meanwhile: good enough for this reader, not for the next one.
    if (stored.count < segment.indexEntries) return stored
    stored.addAll(segment.pendingIndex)
    if (!segment.removed) this.put(segment, stored)
    return stored
  }

  async #rebuild(segment: Segment): Promise<SegmentIndex> {
    const { sizeBytes } = segment
    const index = await rebuildIndex(segment, this.#files, this.#intervalBytes)
    if (segment.indexEntries < 0) {
      await this.#save(segment, index)
      segment.indexEntries = index.count
      segment.indexedPosition = index.lastPosition
    }
    if (segment.sizeBytes === sizeBytes && !segment.removed) this.put(segment, index)
    return index
  }

  /** Best effort: without the file, the next reader rebuilds it again. */
  async #save(segment: Segment, index: SegmentIndex): Promise<void> {
    const bytes = index.encode(0)
    const write = (file: DiskFile): Promise<void> => file.write([bytes], 0)
    try {
      await this.#files.use(segment.indexPath, write)
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        await this.#files.create(segment.indexPath, write).catch(() => {})
    }
  }

  async #read(segment: Segment): Promise<SegmentIndex | undefined> {
    try {
      return await this.#files.use(segment.indexPath, async (file) => {
        const sizeBytes = await file.size()
        const bytes = Buffer.allocUnsafe(sizeBytes - (sizeBytes % INDEX_ENTRY_BYTES))
        const count = await file.read(bytes, 0)
        return decodeIndex(bytes.subarray(0, count), segment)
      })
    } catch (error) {
      if (UNUSABLE.has(codeOf(error))) return undefined
      throw error
    }
  }

  #shrink(except: Segment): void {
    for (const [segment, index] of this.#indexes) {
      if (this.#sizeBytes <= this.#limitBytes) return
      if (segment === except) continue
      this.#indexes.delete(segment)
      this.#sizeBytes -= index.sizeBytes
    }
  }
}
