import { expect, it } from 'vitest'
import { ConsumerProtocolAssignment, codec, Writer } from '../../protocol/index.ts'
import { assignedPartitions } from './assigned-partitions.ts'

const GIVEN = [{ topic: 'orders', partitions: [0, 2] }]

/** As a member of that version writes it, with what later versions add behind. */
function encoded(version: number, behind: Buffer = Buffer.alloc(0)): Buffer {
  const writer = new Writer()
  writer.int16(version)
  codec(ConsumerProtocolAssignment, 0).write(writer, { assignedPartitions: GIVEN, userData: null })
  return Buffer.concat([...writer.finish(), behind])
}

it.each<readonly [string, Buffer, unknown]>([
  ['what a member was given', encoded(0), GIVEN],
  ['a version that is not known', encoded(9, Buffer.from('more')), GIVEN],
  ['nothing', Buffer.alloc(0), []],
  ['a negative version', encoded(-1), null],
  ['half an assignment', encoded(1).subarray(0, 9), null],
  ['what is none', Buffer.from('\u0000\u0000\u007fmuch more than there is'), null],
])('reads %s', (_, bytes, expected) => {
  expect(assignedPartitions(bytes)).toEqual(expected)
  expect(assignedPartitions(bytes)).toEqual(expected)
})

it('reads an assignment once, and forgets what it read when that was much', () => {
  const own = encoded(0)
  const read = assignedPartitions(own)
  expect(assignedPartitions(own)).toBe(read)
  for (let n = 0; n < 5; n++) assignedPartitions(encoded(0, Buffer.alloc(1024 * 1024)))
  expect(assignedPartitions(own)).not.toBe(read)
  expect(assignedPartitions(own)).toEqual(GIVEN)
})
