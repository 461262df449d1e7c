import { expect, it } from 'vitest'
import { xxhash32 } from './xxhash32.ts'

// Published vectors of the reference implementation, and lengths around its strides of 4 and 16.
it.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('hashes %j', (text, hash) => {
  expect(xxhash32(Buffer.from(text))).toBe(hash)
})
