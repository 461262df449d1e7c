import { expect, it } from 'vitest'
import { murmur2, partitionOfKey } from './partitioner.ts'

// From Apache Kafka's UtilsTest.
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is that of Kafka’s clients', (text, hash) => {
  expect(murmur2(Buffer.from(text)) | 0).toBe(hash)
})

it('puts a key into one of the partitions, whatever its hash', () => {
  expect(partitionOfKey(Buffer.from('21'), 10)).toBe((-973932308 & 0x7fff_ffff) % 10)
})
