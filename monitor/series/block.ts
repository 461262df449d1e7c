import type { Disk, DiskFile } from '../../kit/index.ts'
import { writeWholeFile } from '../../kit/index.ts'
import { crc32c } from '../../protocol/index.ts'
import type { Matcher } from '../promql/index.ts'
import { EvaluationError, Labels } from '../promql/index.ts'
import { ByteReader, CorruptBytesError } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Chunk } from './chunk.ts'
import { LabelIndex } from './label-index.ts'

const MAGIC = Buffer.from('glasslog series block 1\n')
/** Offset and size of the index, its CRC, and the magic again. */
const FOOTER_BYTES = 8 + 8 + 4 + MAGIC.length
const CHUNKS_PER_WRITE_BYTES = 1 << 20

/** Where a chunk lies in its block. */
interface ChunkPlace {
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  readonly offset: number
  readonly sizeBytes: number
}

export interface BlockSeries {
  readonly labels: Labels
  readonly chunks: readonly Chunk[]
}

/** What may still be read into memory for one question. */
export interface ReadBudget {
  leftBytes: number
}

/**
 * Samples of some hours in one file that is never changed:
 *
 *     block := magic, chunk bytes*, index, footer
 *     index := texts varint, text*, series varint, (labels varint, (name, value)*, chunks varint, chunk*)*
 *     chunk := count, first time, last time - first time, size        (varints; they lie in this order)
 *
 * Written beside its name, synced and renamed, so that it is there as a whole or not at all. Answers its size in bytes.
 */
export async function writeBlock(
  disk: Disk,
  path: string,
  series: Iterable<BlockSeries>,
): Promise<number> {
  return writeWholeFile(disk, path, (file) => writeParts(file, series))
}

async function writeParts(file: DiskFile, series: Iterable<BlockSeries>): Promise<number> {
  const out = new ByteWriter()
  const index = new IndexWriter()
  out.bytes(MAGIC)
  let written = 0
  const flush = async () => {
    const bytes = out.take()
    await file.write([bytes], written)
    written += bytes.length
  }
  for (const one of series) {
    for (const chunk of one.chunks) out.bytes(chunk.bytes)
    index.add(one)
    if (out.size > CHUNKS_PER_WRITE_BYTES) await flush()
  }
  await flush()
  const indexBytes = index.take()
  const footer = Buffer.alloc(FOOTER_BYTES)
  footer.writeBigUInt64LE(BigInt(written), 0)
  footer.writeBigUInt64LE(BigInt(indexBytes.length), 8)
  footer.writeUInt32LE(crc32c(indexBytes), 16)
  MAGIC.copy(footer, 20)
  await file.write([indexBytes, footer], written)
  return written + indexBytes.length + footer.length
}

/** Labels of many series share most of their texts: each stands in the index once. */
class IndexWriter {
  readonly #texts = new Map<string, number>()
  readonly #series = new ByteWriter()
  #count = 0

  add({ labels, chunks }: BlockSeries): void {
    const out = this.#series
    out.varint(labels.size)
    for (const [name, value] of labels.entries()) {
      out.varint(this.#text(name))
      out.varint(this.#text(value))
    }
    out.varint(chunks.length)
    for (const { count, firstMs, lastMs, bytes } of chunks) {
      out.varint(count)
      out.varint(firstMs)
      out.varint(lastMs - firstMs)
      out.varint(bytes.length)
    }
    this.#count++
  }

  take(): Buffer {
    const out = new ByteWriter()
    out.varint(this.#texts.size)
    for (const text of this.#texts.keys()) out.text(text)
    out.varint(this.#count)
    out.bytes(this.#series.take())
    return out.take()
  }

  #text(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    this.#texts.set(text, this.#texts.size)
    return this.#texts.size - 1
  }
}

/** A block that was opened: its index in memory, its chunks read from the file when they are asked for. */
export class Block {
  readonly path: string
  readonly sizeBytes: number
  readonly #file: DiskFile
  readonly #labels: Labels[] = []
  readonly #places: ChunkPlace[][] = []
  #users = 0
  #whenUnused: (() => void) | null = null
  readonly index = new LabelIndex()

  private constructor(file: DiskFile, sizeBytes: number) {
    this.#file = file
    this.path = file.path
    this.sizeBytes = sizeBytes
  }

  /** @throws CorruptBytesError when the file is no block, or its index is damaged */
  static async open(disk: Disk, path: string): Promise<Block> {
    const file = await disk.open(path, 'read')
    try {
      const size = await file.size()
      const block = new Block(file, size)
      block.#readIndex(await readIndexBytes(file, size))
      return block
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Waits for queries that are reading. */
  async close(): Promise<void> {
    if (this.#users > 0) {
      await new Promise<void>((resolve) => {
        this.#whenUnused = resolve
      })
    }
    await this.#file.close()
  }

  /** Labels of the series that all matchers accept and that have samples in the time, of which none is read. */
  labels(matchers: readonly Matcher[], fromMs: number, toMs: number): Labels[] {
    return this.#find(matchers, fromMs, toMs).map(({ labels }) => labels)
  }

  /**
   * Series that all matchers accept, with those of their chunks that overlap the time.
   * @throws EvaluationError before it reads more than the budget has
   */
  async select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    budget: ReadBudget,
  ): Promise<BlockSeries[]> {
    this.#users++
    try {
      return await this.#select(matchers, fromMs, toMs, budget)
    } finally {
      this.#users--
      if (this.#users === 0) this.#whenUnused?.()
    }
  }

  async #select(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
    budget: ReadBudget,
  ): Promise<BlockSeries[]> {
    const found = this.#find(matchers, fromMs, toMs)
    for (const { places } of found)
      for (const { sizeBytes } of places) budget.leftBytes -= sizeBytes
    if (budget.leftBytes < 0) {
      throw new EvaluationError(
        'query processing would load too many samples into memory in query execution',
      )
    }
    const series: BlockSeries[] = []
    for (const { labels, places } of found)
      series.push({ labels, chunks: await this.#read(places) })
    return series
  }

  #find(
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
  ): { labels: Labels; places: ChunkPlace[] }[] {
    const found: { labels: Labels; places: ChunkPlace[] }[] = []
    for (const number of this.index.find(matchers)) {
      const labels = this.#labels[number]
      const places = (this.#places[number] ?? []).filter(
        (place) => place.firstMs <= toMs && place.lastMs >= fromMs,
      )
      if (labels !== undefined && places.length > 0) found.push({ labels, places })
    }
    return found
  }

  /** Chunks of one series lie side by side, so one read is enough. */
  async #read(places: readonly ChunkPlace[]): Promise<Chunk[]> {
    const first = places[0]
    const last = places.at(-1)
    if (first === undefined || last === undefined) return []
    const bytes = new Uint8Array(last.offset + last.sizeBytes - first.offset)
    if ((await this.#file.read(bytes, first.offset)) < bytes.length) {
      throw new CorruptBytesError(`${this.path} is cut short`)
    }
    return places.map(({ count, firstMs, lastMs, offset, sizeBytes }) => ({
      count,
      firstMs,
      lastMs,
      bytes: bytes.subarray(offset - first.offset, offset - first.offset + sizeBytes),
    }))
  }

  #readIndex(bytes: Buffer): void {
    const reader = new ByteReader(bytes)
    const texts = Array.from({ length: reader.count() }, () => reader.text())
    const text = () => texts[reader.varint()] ?? ''
    let offset = MAGIC.length
    for (let left = reader.count(); left > 0; left--) {
      const labels = Labels.from(
        Array.from({ length: reader.count() }, () => [text(), text()] as const),
      )
      const places: ChunkPlace[] = []
      for (let chunks = reader.count(); chunks > 0; chunks--) {
        const count = reader.varint()
        const firstMs = reader.varint()
        const lastMs = firstMs + reader.varint()
        const sizeBytes = reader.varint()
        places.push({ count, firstMs, lastMs, offset, sizeBytes })
        offset += sizeBytes
      }
      this.index.add(this.#labels.length, labels)
      this.#labels.push(labels)
      this.#places.push(places)
    }
  }
}

async function readIndexBytes(file: DiskFile, size: number): Promise<Buffer> {
  const footer = Buffer.alloc(FOOTER_BYTES)
  const isWhole =
    size > FOOTER_BYTES && (await file.read(footer, size - FOOTER_BYTES)) === FOOTER_BYTES
  if (!isWhole || !footer.subarray(20).equals(MAGIC))
    throw new CorruptBytesError(`${file.path} is no series block`)
  const offset = Number(footer.readBigUInt64LE(0))
  const length = Number(footer.readBigUInt64LE(8))
  if (offset + length + FOOTER_BYTES !== size)
    throw new CorruptBytesError(`${file.path} has a wrong size`)
  const bytes = Buffer.alloc(length)
  await file.read(bytes, offset)
  if (crc32c(bytes) !== footer.readUInt32LE(16))
    throw new CorruptBytesError(`the index of ${file.path} is damaged`)
  return bytes
}
