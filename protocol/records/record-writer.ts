import { putVarint, varintSize } from './bytes.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import type { RecordHeader, RecordInput } from './kafka-record.ts'

/** Writes records of magic 2 one after the other into memory that grows, after room for a header. */
export class RecordWriter {
  readonly #out = new GrowingBuffer()

  constructor(headerBytes: number) {
    this.#out.position = headerBytes
  }

  get sizeBytes(): number {
    return this.#out.position
  }

  /** Everything so far, the room for the header included; good until the next write. */
  bytes(): Buffer {
    return this.#out.bytes()
  }

  write(record: RecordInput, timestampDelta: number, offsetDelta: number): void {
    const headers = record.headers ?? NO_HEADERS
    const headerKeys = headers.length === 0 ? NO_KEYS : headers.map(keyBytes)
    const bodyBytes =
      1 +
      varintSize(timestampDelta) +
      varintSize(offsetDelta) +
      nullableSize(record.key) +
      nullableSize(record.value) +
      headersSize(headers, headerKeys)
    this.#out.reserve(varintSize(bodyBytes) + bodyBytes)
    this.#varint(bodyBytes)
    // The attributes of a record are unused.
    this.#out.memory[this.#out.position++] = 0
    this.#varint(timestampDelta)
    this.#varint(offsetDelta)
    this.#nullable(record.key)
    this.#nullable(record.value)
    this.#varint(headers.length)
    for (const [index, header] of headers.entries()) {
      this.#nullable(headerKeys[index] ?? null)
      this.#nullable(header.value)
    }
  }

  #varint(value: number): void {
    this.#out.position = putVarint(this.#out.memory, this.#out.position, value)
  }

  #nullable(bytes: Uint8Array | null): void {
    this.#varint(bytes === null ? -1 : bytes.length)
    if (bytes === null) return
    this.#out.memory.set(bytes, this.#out.position)
    this.#out.position += bytes.length
  }
}

const NO_HEADERS: readonly RecordHeader[] = []
const NO_KEYS: readonly Buffer[] = []

function keyBytes(header: RecordHeader): Buffer {
  return Buffer.from(header.key, 'utf8')
}

function nullableSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length
}

function headersSize(headers: readonly RecordHeader[], keys: readonly Buffer[]): number {
  let size = varintSize(headers.length)
  for (const [index, header] of headers.entries()) {
    size += nullableSize(keys[index] ?? null) + nullableSize(header.value)
  }
  return size
}
