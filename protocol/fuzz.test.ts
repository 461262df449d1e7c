import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Random } from '../kit/index.ts'
import { seededRandom } from '../kit/index.ts'
import type { Message } from './index.ts'
import { codec, MESSAGES, ProtocolError, Reader, Writer } from './index.ts'
import { arbitraryMessage, everyVersion } from './testing.ts'

// Random and damaged messages into every decoder. Each is either a message or a ProtocolError, and
// what it becomes is bounded by its size. `GLASSLOG_FUZZ_INPUTS` sets how many are tried in all.

const INPUTS = Number(process.env.GLASSLOG_FUZZ_INPUTS ?? 200_000)
const SEED = Number(process.env.GLASSLOG_FUZZ_SEED ?? 20260105)
const TIMEOUT_MS = 60_000 + INPUTS

/** Values that have broken decoders before: the edges of lengths, counts, varints and signs. */
const EDGES = [
  '00',
  'ff',
  '7f',
  '80',
  '01',
  'ffff',
  '7fff',
  'fffe',
  '7fffffff',
  'ffffffff',
  '80000000',
  'ffffffff0f',
  'ffffffff7f',
  '8080808000',
].map((hex) => Buffer.from(hex, 'hex'))

/**
 * At most this many values (array elements and fields) may come out of one byte. The densest struct
 * of the protocol is a topic of CreateTopicsResponse v0: nine values from four bytes.
 */
const MAX_VALUES_PER_BYTE = 3

describe('fuzz', () => {
  it(`${INPUTS} inputs (seed ${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const targets = everyVersion(MESSAGES)
    const random = seededRandom(SEED)
    const perTarget = Math.ceil(INPUTS / targets.length)
    let accepted = 0
    for (const [name, message, version] of targets) {
      const samples = encodedSamples(message, version)
      for (let i = 0; i < perTarget; i++) {
        const input = i % 4 === 0 ? randomInput(random) : damaged(pick(random, samples), random)
        if (decodes(name, message, version, input)) accepted++
      }
    }
    // Damage that is only in a value goes unnoticed; were all or none accepted, nothing was tested.
    expect(accepted).toBeGreaterThan(INPUTS / 20)
    expect(accepted).toBeLessThan(INPUTS * 0.9)
  })
})

function decodes(name: string, message: Message, version: number, input: Buffer): boolean {
  const reader = new Reader(input)
  let value: unknown
  try {
    value = codec(message, version).read(reader)
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw new Error(`${name} of ${input.toString('hex')}`, { cause: error })
  }
  const limit = defaultCount(message) + MAX_VALUES_PER_BYTE * input.length
  if (reader.position > input.length || valueCount(value) > limit) {
    throw new Error(`${name} of ${input.toString('hex')} became ${valueCount(value)} values`)
  }
  return true
}

/** How many values there are in a decoded message, its own and those inside. */
function valueCount(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1
  let count = 1
  for (const inner of Array.isArray(value) ? value : Object.values(value))
    count += valueCount(inner)
  return count
}

/** What comes out of no bytes at all: the fields of the message, and of its structs by default. */
function defaultCount(message: Message): number {
  const fields = Object.values(message.fields)
  return fields.reduce((total, { spec }) => total + valueCount(spec.defaultValue), 1)
}

function encodedSamples(message: Message, version: number): Buffer[] {
  return fc.sample(arbitraryMessage(message, version), { numRuns: 8, seed: SEED }).map((value) => {
    const writer = new Writer()
    codec(message, version).write(writer, value)
    return Buffer.concat(writer.finish())
  })
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random.below(values.length)]
  if (value === undefined) throw new RangeError('nothing to pick from')
  return value
}

function randomInput(random: Random): Buffer {
  const bytes = random.bytes(random.below(64))
  // Bytes near zero make counts and lengths that can be met, so that decoding gets further.
  return random.below(2) === 0 ? bytes : (bytes.map((byte) => byte & 3) as Buffer)
}

/** A valid message with one to three faults. */
function damaged(sample: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(sample)
  for (let faults = 1 + random.below(3); faults > 0; faults--) {
    bytes = pick(random, DAMAGES)(bytes, random)
  }
  return bytes
}

const DAMAGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipBit(bytes, random) {
    if (bytes.length === 0) return bytes
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    return bytes
  },
  function overwriteWithEdge(bytes, random) {
    const edge = pick(random, EDGES)
    edge.copy(bytes, random.below(bytes.length + 1))
    return bytes
  },
  function insertEdge(bytes, random) {
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), pick(random, EDGES), bytes.subarray(at)])
  },
  function cutOut(bytes, random) {
    const from = random.below(bytes.length + 1)
    const to = Math.min(bytes.length, from + 1 + random.below(8))
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  function cutShort(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1))
  },
  function repeatPart(bytes, random) {
    const from = random.below(bytes.length + 1)
    const part = bytes.subarray(from, from + 1 + random.below(16))
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)])
  },
]
