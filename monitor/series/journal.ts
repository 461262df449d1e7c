import type { Disk, DiskFile } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import { crc32c } from '../../protocol/index.ts'
import { Labels } from '../promql/index.ts'
import { ByteReader, CorruptBytesError } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { PendingBytes } from './pending-bytes.ts'

/** Samples that were taken at one time: `series` are numbers, values lie at the same places. */
export interface SampleBatch {
  readonly timeMs: number
  readonly series: ArrayLike<number>
  readonly values: Float64Array
}

/** What a journal gives back: series by the numbers that its batches use, and batches in order. */
export interface JournalReader {
  series(number: number, labels: Labels): void
  batch(batch: SampleBatch): void
}

const MAGIC = Buffer.from('glasslog series journal 1\n')
const HEADER_BYTES = 8
const SERIES = 1
const SAMPLES = 2

/**
 * What head has taken in since the last block, so that a crash loses no more than was not synced yet.
 *
 *     file   := magic, record*
 *     record := size u32, CRC-32C u32, payload          (little-endian)
 *     series := 1, number varint, labels varint, (name, value)*
 *     batch  := 2, time double, count varint, (number of the series as difference in zigzag * 2 + changed, value when changed)*
 *
 * Most values are what they were at the scrape before, and take one or two bytes then.
 */
export class Journal {
  readonly #file: DiskFile
  readonly #pending = new PendingBytes()
  readonly #record = new ByteWriter()
  /** The words of the last value of each series in this file, two each. */
  #last = new Float64Array(1024).fill(Number.NaN)
  #known = new Uint8Array(1024)
  /** Of the file: what is durable. */
  #size: number
  /** What the disk did not take; it is written again, at the same place, before anything else. */
  #failed: readonly Uint8Array[] = []

  private constructor(file: DiskFile, size: number) {
    this.#file = file
    this.#size = size
  }

  static async create(disk: Disk, path: string): Promise<Journal> {
    const file = await disk.open(path, 'create')
    await file.write([MAGIC], 0)
    return new Journal(file, MAGIC.length)
  }

  get path(): string {
    return this.#file.path
  }

  addSeries(number: number, labels: Labels): void {
    const { names, values } = labels
    this.#record.varint(SERIES)
    this.#record.varint(number)
    this.#record.varint(names.length)
    names.forEach((name, at) => {
      this.#record.text(name)
      this.#record.text(values[at] ?? '')
    })
    this.#finishRecord()
  }

  /** Small when series come in the order in which they were first seen, as scrapes bring them. */
  addBatch({ timeMs, series, values }: SampleBatch): void {
    this.#record.varint(SAMPLES)
    this.#record.double(timeMs)
    this.#record.varint(series.length)
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    let before = 0
    for (let at = 0; at < series.length; at++) {
      const number = series[at] as number
      const changed = this.#changes(number, values, at)
      this.#record.varint(zigzag(number - before) * 2 + (changed ? 1 : 0))
      if (changed) this.#record.part(bytes, at * 8, at * 8 + 8)
      before = number
    }
    this.#finishRecord()
  }

  /** What waits for a disk that fails. */
  get unwrittenBytes(): number {
    return this.#pending.size + sizeOf(this.#failed)
  }

  /** Writes what is pending and makes it durable; one at a time. After a failure the next one writes all of it again. */
  async sync(): Promise<void> {
    if (this.unwrittenBytes === 0) return
    const pieces = [...this.#failed, ...this.#pending.take()]
    this.#failed = pieces
    await this.#file.write(pieces, this.#size)
    await this.#file.sync()
    this.#size += sizeOf(pieces)
    this.#failed = []
  }

  /** Gives up what waits for the disk. Series must be added again before the next batch. */
  forgetUnwritten(): void {
    this.#pending.take()
    this.#failed = []
    this.#known.fill(0)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** NaN differs from itself here, so that its payload is always written. */
  #changes(number: number, values: Float64Array, at: number): boolean {
    if (number >= this.#known.length) this.#grow(number + 1)
    const value = values[at] as number
    const same =
      this.#known[number] === 1 && Object.is(this.#last[number], value) && !Number.isNaN(value)
    this.#known[number] = 1
    this.#last[number] = value
    return !same
  }

  #grow(size: number): void {
    const last = new Float64Array(size * 2).fill(Number.NaN)
    last.set(this.#last)
    const known = new Uint8Array(size * 2)
    known.set(this.#known)
    this.#last = last
    this.#known = known
  }

  #finishRecord(): void {
    const payload = this.#record.take()
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    header.writeUInt32LE(payload.length, 0)
    header.writeUInt32LE(crc32c(payload), 4)
    this.#pending.add(header)
    this.#pending.add(payload)
  }
}

/** Reads a journal up to its end or to the first record that a crash cut short; says how many bytes were good. */
export async function readJournal(
  disk: Disk,
  path: string,
  reader: JournalReader,
): Promise<number> {
  const bytes = await readWholeFile(disk, path)
  if (bytes === null || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 0
  const last: number[] = []
  let at = MAGIC.length
  while (at + HEADER_BYTES <= bytes.length) {
    const size = bytes.readUInt32LE(at)
    const payload = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size)
    if (payload.length < size || crc32c(payload) !== bytes.readUInt32LE(at + 4)) break
    try {
      readRecord(new ByteReader(payload), last, reader)
    } catch (error) {
      if (error instanceof CorruptBytesError) break
      throw error
    }
    at += HEADER_BYTES + size
  }
  return at
}

function readRecord(record: ByteReader, last: number[], reader: JournalReader): void {
  if (record.varint() === SERIES) {
    const number = record.varint()
    const labels = Array.from(
      { length: record.count() },
      () => [record.text(), record.text()] as const,
    )
    reader.series(number, Labels.from(labels))
    return
  }
  const timeMs = record.double()
  const count = record.count()
  const series: number[] = []
  const values = new Float64Array(count)
  const bytes = Buffer.from(values.buffer)
  let number = 0
  for (let at = 0; at < count; at++) {
    const step = record.varint()
    number += unzigzag(Math.floor(step / 2))
    series.push(number)
    if (step % 2 === 1) {
      record.bytes(8).copy(bytes, at * 8)
      last[number] = values[at] as number
    } else {
      values[at] = last[number] ?? Number.NaN
    }
  }
  reader.batch({ timeMs, series, values })
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

/** Whole numbers of both signs as small ones of one sign: 0, -1, 1, -2 become 0, 1, 2, 3. */
function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}
