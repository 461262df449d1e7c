import fc from 'fast-check'
import type { Handler } from '../../broker/handlers/index.ts'
import type { Random } from '../../kit/index.ts'
import type { Message } from '../../protocol/index.ts'
import { batchHeader, encodeBatch, ProduceRequest } from '../../protocol/index.ts'
import { arbitraryMessage } from '../../protocol/testing.ts'
import { encodeRequest } from './client.ts'

/** Bytes that a broken or hostile client might send, and what was done to them. */
export interface HostileInput {
  readonly kind: string
  readonly bytes: Buffer
}

/** Values that have broken decoders before: the edges of lengths, counts, varints and signs. */
const EDGES = [
  '00',
  'ff',
  '7f',
  '80',
  'ffff',
  '7fff',
  '7fffffff',
  'ffffffff',
  '80000000',
  'ffffffff0f',
].map((hex) => Buffer.from(hex, 'hex'))

const SIZE_BYTES = 4
const SAMPLES_PER_VERSION = 4

interface Sample {
  readonly handler: Handler
  readonly version: number
  readonly frame: Buffer
}

/** Makes hostile inputs out of valid requests of every API and version, from a seed. */
export class HostileFrames {
  readonly #random: Random
  readonly #handlers: readonly Handler[]
  readonly #samples: readonly Sample[]
  readonly #topic: string

  /** `topic` exists, so that damaged batches get as far as they can. */
  constructor(handlers: readonly Handler[], topic: string, seed: number, random: Random) {
    this.#random = random
    this.#handlers = handlers
    this.#topic = topic
    this.#samples = handlers.flatMap((handler) => samplesOf(handler, seed))
  }

  next(): HostileInput {
    const makers = [
      () => this.#noise(),
      () => this.#randomBody(),
      () => this.#damaged(),
      () => this.#damaged(),
      () => this.#edges(),
      () => this.#truncated(),
      () => this.#overCounted(),
      () => this.#badBatch(),
      () => this.#manyTags(),
      () => this.#valid(),
    ]
    return this.#pick(makers)()
  }

  /** A stream without any frame in it. */
  #noise(): HostileInput {
    return { kind: 'noise', bytes: this.#random.bytes(this.#random.below(200)) }
  }

  /** A header that makes sense, and a body that does not. */
  #randomBody(): HostileInput {
    const { apiKey, versions } = this.#pick(this.#handlers)
    const body = this.#random.bytes(this.#random.below(300))
    const header = Buffer.alloc(10)
    header.writeInt16BE(apiKey, 0)
    header.writeInt16BE(versions.min + this.#random.below(versions.max - versions.min + 2), 2)
    header.writeInt32BE(this.#random.below(1000), 4)
    header.writeInt16BE(-1, 8)
    return { kind: 'random body', bytes: framed(Buffer.concat([header, body])) }
  }

  #damaged(): HostileInput {
    const bytes = Buffer.from(this.#pick(this.#samples).frame)
    const flips = 1 + this.#random.below(8)
    for (let i = 0; i < flips; i++) {
      const at = SIZE_BYTES + this.#random.below(bytes.length - SIZE_BYTES)
      bytes[at] = this.#random.below(256)
    }
    return { kind: 'damaged', bytes }
  }

  /** An edge value over, or in the place of, some bytes. */
  #edges(): HostileInput {
    const { frame } = this.#pick(this.#samples)
    const edge = this.#pick(EDGES)
    const at = SIZE_BYTES + this.#random.below(frame.length - SIZE_BYTES)
    const resumeAt = this.#random.below(2) === 0 ? at : Math.min(frame.length, at + edge.length)
    const payload = Buffer.concat([frame.subarray(SIZE_BYTES, at), edge, frame.subarray(resumeAt)])
    return { kind: 'edge value', bytes: framed(payload) }
  }

  /** The frame's size says so, or it does not. */
  #truncated(): HostileInput {
    const { frame } = this.#pick(this.#samples)
    const end = SIZE_BYTES + this.#random.below(frame.length - SIZE_BYTES)
    const payload = frame.subarray(SIZE_BYTES, end)
    const isHonest = this.#random.below(2) === 0
    return { kind: 'truncated', bytes: isHonest ? framed(payload) : frame.subarray(0, end) }
  }

  /** Counts that announce more than there is, over the first fields of the body. */
  #overCounted(): HostileInput {
    const { frame } = this.#pick(this.#samples)
    const bytes = Buffer.from(frame)
    const at = SIZE_BYTES + 8 + this.#random.below(Math.max(1, Math.min(60, bytes.length - 16)))
    const counts = [0x7fff_ffff, -2, 0x00ff_ffff, bytes.length]
    if (at + 4 <= bytes.length) bytes.writeInt32BE(this.#pick(counts), at)
    return { kind: 'over-counted', bytes }
  }

  /** A produce request that is sound but for its batch. */
  #badBatch(): HostileInput {
    const batch = encodeBatch(
      [{ timestampMs: 0, key: null, value: Buffer.alloc(this.#random.below(500)) }],
      { compression: this.#pick(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) },
    )
    const damages = 1 + this.#random.below(4)
    for (let i = 0; i < damages; i++)
      batch[this.#random.below(batch.length)] = this.#random.below(256)
    // With a right checksum the damage gets past the first door.
    if (this.#random.below(2) === 0 && batchHeader.batchSizeBytes(batch) === batch.length) {
      batchHeader.setMaxTimestamp(batch, batchHeader.maxTimestamp(batch))
    }
    const cut =
      this.#random.below(8) === 0 ? batch.subarray(0, this.#random.below(batch.length)) : batch
    const bytes = encodeRequest(
      ProduceRequest,
      this.#random.below(13),
      {
        acks: 1,
        timeoutMs: 0,
        topicData: [{ name: this.#topic, partitionData: [{ index: 0, records: cut }] }],
      },
      { correlationId: 1, clientId: null },
    )
    return { kind: 'bad batch', bytes }
  }

  /** Millions of tagged fields, two bytes each, in the header of a flexible request. */
  #manyTags(): HostileInput {
    const header = Buffer.from('0012000400000000ffff', 'hex')
    const count = Buffer.from('ffffff7f', 'hex')
    return { kind: 'many tags', bytes: framed(Buffer.concat([header, count, Buffer.alloc(2000)])) }
  }

  #valid(): HostileInput {
    return { kind: 'valid', bytes: this.#pick(this.#samples).frame }
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#random.below(values.length)] as Value
  }
}

function framed(payload: Buffer): Buffer {
  const size = Buffer.alloc(SIZE_BYTES)
  size.writeInt32BE(payload.length)
  return Buffer.concat([size, payload])
}

function samplesOf(handler: Handler, seed: number): Sample[] {
  const samples: Sample[] = []
  const request: Message = handler.request
  for (let version = handler.versions.min; version <= handler.versions.max; version++) {
    const bodies = fc.sample(arbitraryMessage(request, version), {
      seed: seed + version,
      numRuns: SAMPLES_PER_VERSION,
    })
    for (const body of bodies) {
      const header = { correlationId: samples.length, clientId: 'fuzz' }
      samples.push({ handler, version, frame: encodeRequest(request, version, body, header) })
    }
  }
  return samples
}
