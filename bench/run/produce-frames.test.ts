import { expect, it } from 'vitest'
import { framesOfProducers } from './produce-frames.ts'

const batch = { recordBytes: 10, recordsPerBatch: 1 }

function partitionsOf(partitions: number, connections: number, partitionsPerRequest: number) {
  const shape = { connections, partitionsPerRequest, inFlight: 1 }
  return framesOfProducers('t', { partitions, batch }, shape).map((frames) =>
    frames.map((frame) => frame.partitions),
  )
}

it.each([
  ['one partition for all', 1, 3, 1, [[[0]], [[0]], [[0]]]],
  ['one each', 3, 3, 1, [[[0]], [[1]], [[2]]]],
  [
    'several in turn',
    4,
    2,
    1,
    [
      [[0], [2]],
      [[1], [3]],
    ],
  ],
  ['several a request, the last with fewer', 5, 2, 2, [[[0, 1], [4]], [[2, 3]]]],
])('%s', (_, partitions, connections, perRequest, expected) => {
  expect(partitionsOf(partitions, connections, perRequest)).toEqual(expected)
})
