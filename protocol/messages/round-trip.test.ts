import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../index.ts'
import { codec, MESSAGES, Reader, Writer } from '../index.ts'
import type { MessageValue } from '../testing.ts'
import { arbitraryMessage, everyVersion } from '../testing.ts'

const SEED = 20260103

function encode(message: Message, version: number, value: MessageValue): Buffer {
  const writer = new Writer()
  codec(message, version).write(writer, value)
  const bytes = Buffer.concat(writer.finish())
  expect(writer.sizeBytes).toBe(bytes.length)
  return bytes
}

describe('what is written is read again, to the last byte', () => {
  it.each(everyVersion(MESSAGES))('%s', (_name, message, version) => {
    const { read } = codec(message, version)
    fc.assert(
      fc.property(arbitraryMessage(message, version), (value) => {
        const bytes = encode(message, version, value)
        const reader = new Reader(bytes)
        expect(read(reader)).toEqual(value)
        expect(reader.remaining).toBe(0)
        expect(encode(message, version, read(new Reader(bytes)))).toEqual(bytes)
      }),
      { numRuns: 50, seed: SEED },
    )
  })
})
