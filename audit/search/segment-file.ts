import type { Disk, DiskFile } from '../../kit/index.ts'
import { writeWholeFile } from '../../kit/index.ts'
import type { Column, ColumnName } from './columns.ts'
import { columnBytes, columnLayout, columnView, SEGMENT_RECORDS } from './columns.ts'
import type { GramRange } from './grams.ts'
import type { Mask, PostingList } from './postings.ts'
import { addPostings, encodePostings } from './postings.ts'
import type { GrowingSegment, Segment } from './segment.ts'

/**
 * A full segment as a file: a head of JSON, the columns, the grams (numbers, ends and lengths of
 * their lists), the lists. Written once. A cache: what is not understood is made anew.
 */
const MAGIC = 'GLAI'
const HEAD_START = 8

interface Head extends Omit<Segment, 'column' | 'lists'> {
  readonly grams: number
}

/** Bytes written at a time, with a turn of the event loop in between. */
const PIECE_BYTES = 64 * 1024

/** Writes a full segment, durable under its name once it is whole. */
export function writeSegment(disk: Disk, path: string, segment: GrowingSegment): Promise<void> {
  return writeWholeFile(disk, path, async (file) => {
    const writer = new PieceWriter(file)
    const grams = [...segment.postings.grams()]
    await writer.put(encodeHead(segment, grams.length))
    await writer.put(segment.columns.bytes)
    await writer.flush()
    const tableAt = writer.position
    // The lists come first in time, because the table has their ends.
    const table = new GramTableBuilder(grams)
    writer.position = tableAt + table.bytes.byteLength
    for (const gram of grams) {
      const records = segment.postings.recordsOf(gram)
      const list = encodePostings(records, segment.count)
      table.add(list.length, records.length)
      await writer.put(list)
    }
    await writer.flush()
    await file.write([table.bytes], tableAt)
  })
}

function encodeHead(segment: Segment, grams: number): Buffer {
  const { first, count, minTimeMs, maxTimeMs, operations, outcomes } = segment
  const head: Head = { first, count, minTimeMs, maxTimeMs, operations, outcomes, grams }
  const text = JSON.stringify(head)
  // Columns are read in place, so they begin at a multiple of eight.
  const padding = (8 - ((HEAD_START + Buffer.byteLength(text)) % 8)) % 8
  const body = Buffer.from(text + ' '.repeat(padding))
  const start = Buffer.alloc(HEAD_START)
  start.write(MAGIC)
  start.writeUInt32LE(body.length, 4)
  return Buffer.concat([start, body])
}

/** Three arrays after each other: the grams, the ends of their lists, how many records each has. */
class GramTableBuilder {
  readonly bytes: Uint8Array
  readonly #view: GramTable
  #used = 0
  #end = 0

  constructor(grams: readonly number[]) {
    this.bytes = new Uint8Array(gramTableBytes(grams.length))
    this.#view = gramTable(this.bytes, grams.length)
    this.#view.grams.set(grams)
  }

  add(listBytes: number, length: number): void {
    this.#end += listBytes
    this.#view.ends[this.#used] = this.#end
    this.#view.lengths[this.#used] = length
    this.#used++
  }
}

interface GramTable {
  readonly grams: Uint32Array
  readonly ends: Uint32Array
  readonly lengths: Uint16Array
}

/** Padded, so that what follows is aligned as well. */
function gramTableBytes(grams: number): number {
  return Math.ceil((grams * 10) / 8) * 8
}

function gramTable({ buffer, byteOffset }: Uint8Array, grams: number): GramTable {
  return {
    grams: new Uint32Array(buffer, byteOffset, grams),
    ends: new Uint32Array(buffer, byteOffset + grams * 4, grams),
    lengths: new Uint16Array(buffer, byteOffset + grams * 8, grams),
  }
}

class PieceWriter {
  /** Where the pieces in memory go. */
  position = 0
  readonly #file: DiskFile
  #pieces: Uint8Array[] = []
  #bytes = 0

  constructor(file: DiskFile) {
    this.#file = file
  }

  async put(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= PIECE_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const pieces = this.#pieces
    const at = this.position
    this.position += this.#bytes
    this.#pieces = []
    this.#bytes = 0
    await this.#file.write(pieces, at)
  }
}

/** A segment on disk. Opened for as long as it is read from; tables that were used stay in memory as the cache allows. */
export class StoredSegment implements Segment {
  readonly first: number
  readonly count: number
  readonly minTimeMs: number
  readonly maxTimeMs: number
  readonly operations: readonly string[]
  readonly outcomes: readonly string[]
  readonly #file: DiskFile
  readonly #head: Head
  readonly #columnsAt: number
  readonly #cache: SegmentCache

  constructor(file: DiskFile, head: Head, headBytes: number, cache: SegmentCache) {
    this.first = head.first
    this.count = head.count
    this.minTimeMs = head.minTimeMs
    this.maxTimeMs = head.maxTimeMs
    this.operations = head.operations
    this.outcomes = head.outcomes
    this.#file = file
    this.#head = head
    this.#columnsAt = HEAD_START + headBytes
    this.#cache = cache
  }

  async column(name: ColumnName): Promise<Column> {
    const offset = columnLayout(SEGMENT_RECORDS).offsets[name]
    const sizeBytes = columnBytes(name, this.count)
    const bytes = await this.#read(name, this.#columnsAt + offset, sizeBytes)
    return columnView(name, bytes, this.count)
  }

  async lists({ low, high }: GramRange): Promise<readonly PostingList[]> {
    const table = await this.#table()
    const lists: PostingList[] = []
    for (let at = lowerBound(table.grams, low); at < table.grams.length; at++) {
      const gram = table.grams[at] ?? 0
      if (gram > high) break
      lists.push(this.#list(table, at, gram))
    }
    return lists
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #list(table: GramTable, at: number, gram: number): PostingList {
    const length = table.lengths[at] ?? 0
    const start = at === 0 ? 0 : (table.ends[at - 1] ?? 0)
    const sizeBytes = (table.ends[at] ?? 0) - start
    const listsAt = this.#tableAt + gramTableBytes(this.#head.grams)
    return {
      gram,
      count: length,
      addTo: async (mask: Mask) => {
        const bytes = new Uint8Array(sizeBytes)
        if (sizeBytes > 0) await this.#file.read(bytes, listsAt + start)
        addPostings(bytes, length, this.count, mask)
      },
    }
  }

  async #table(): Promise<GramTable> {
    const { grams } = this.#head
    return gramTable(await this.#read('grams', this.#tableAt, gramTableBytes(grams)), grams)
  }

  get #tableAt(): number {
    return this.#columnsAt + columnLayout(SEGMENT_RECORDS).sizeBytes
  }

  #read(what: string, position: number, sizeBytes: number): Promise<Uint8Array> {
    return this.#cache.get(`${this.first}/${what}`, sizeBytes, async () => {
      const bytes = new Uint8Array(sizeBytes)
      await this.#file.read(bytes, position)
      return bytes
    })
  }
}

/** Opens a segment file; null when it is not one that this program understands. */
export async function openSegment(
  disk: Disk,
  path: string,
  cache: SegmentCache,
): Promise<StoredSegment | null> {
  const file = await disk.open(path, 'read')
  const head = await readHead(file)
  if (head) return new StoredSegment(file, head.head, head.sizeBytes, cache)
  await file.close()
  return null
}

async function readHead(file: DiskFile): Promise<{ head: Head; sizeBytes: number } | null> {
  const start = Buffer.alloc(HEAD_START)
  if ((await file.read(start, 0)) < HEAD_START) return null
  const sizeBytes = start.readUInt32LE(4)
  if (start.toString('latin1', 0, 4) !== MAGIC || sizeBytes > (await file.size())) return null
  const body = Buffer.alloc(sizeBytes)
  await file.read(body, HEAD_START)
  try {
    // Written by writeSegment, which is the only one that begins a file so.
    return { head: JSON.parse(body.toString()) as Head, sizeBytes }
  } catch {
    return null
  }
}

/** Parts of segments that queries used last, up to a number of bytes. */
export class SegmentCache {
  readonly #maxBytes: number
  /** In the order of their last use. */
  readonly #parts = new Map<string, Promise<Uint8Array>>()
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(key: string, sizeBytes: number, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#parts.get(key)
    this.#drop(key)
    const part = found ?? load()
    this.#parts.set(key, part)
    this.#sizes.set(key, sizeBytes)
    this.#bytes += sizeBytes
    if (!found) part.catch(() => this.#drop(key))
    for (const [oldest] of this.#parts) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break
      this.#drop(oldest)
    }
    return part
  }

  #drop(key: string): void {
    if (!this.#parts.delete(key)) return
    this.#bytes -= this.#sizes.get(key) ?? 0
    this.#sizes.delete(key)
  }
}

function lowerBound(sorted: Uint32Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
