import { expect, it } from 'vitest'
import { partitionFor } from './partition-for.ts'

it('finds the partition that Kafka finds', () => {
  // Hashes as java.lang.String computes them.
  const table: [string, number, number][] = [
    ['', 50, 0],
    ['a', 50, 97 % 50],
    ['hello', 50, 99162322 % 50],
    // Negative: -862545276.
    ['Hello World', 50, 862545276 % 50],
    // Two UTF-16 units: 0xd83d * 31 + 0xde00.
    ['\u{1f600}', 50, (0xd83d * 31 + 0xde00) % 50],
    // The one hash whose absolute value does not exist: Integer.MIN_VALUE.
    ['polygenelubricants', 50, 0],
    ['polygenelubricants', 7, 0],
  ]
  for (const [groupId, partitions, expected] of table) {
    expect(partitionFor(groupId, partitions), groupId).toBe(expected)
  }
})
