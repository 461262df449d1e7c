import { expect, test } from 'vitest'
import { MAX_OFFSET_SPAN, Segment } from '../segments/segment.ts'
import { groupSegments } from './segment-groups.ts'

/** `10+5` is a segment from offset 10 on with 5 bytes that ends where the next one begins. */
function segments(script: string, endOffset: number): Segment[] {
  const parts = script.split(' ').map((part) => part.split('+').map(Number))
  return parts.map(([baseOffset = 0, sizeBytes = 0], index) =>
    Segment.restore('/data', {
      baseOffset,
      generation: 0,
      nextOffset: parts[index + 1]?.[0] ?? endOffset,
      sizeBytes,
      maxTimestampMs: -1,
      createdAtMs: 0,
      writtenAtMs: 0,
    }),
  )
}

test.each([
  ['neighbours that fit together', '0+40 10+40 20+30 30+10', 40, [2, 2]],
  ['one that is too large alone', '0+10 10+500 20+10 30+10', 40, [1, 1, 2]],
  ['up to the size exactly', '0+50 10+50 20+1', 30, [2, 1]],
  [
    'only what relative offsets reach',
    `0+1 ${MAX_OFFSET_SPAN}+1 ${2 ** 32}+1`,
    2 ** 32 + 1,
    [1, 1, 1],
  ],
  ['a span that just fits', `0+1 100+1`, MAX_OFFSET_SPAN, [2]],
])('%s', (_, script, endOffset, expected) => {
  const groups = groupSegments(segments(script, endOffset), 100)
  expect(groups.map((group) => group.length)).toEqual(expected)
  expect(groups.flat().map((segment) => segment.baseOffset)).toEqual(
    segments(script, endOffset).map((segment) => segment.baseOffset),
  )
})

test('nothing makes no group', () => {
  expect(groupSegments([], 100)).toEqual([])
})
