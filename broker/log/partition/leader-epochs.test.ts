import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from './leader-epochs.ts'

function create(...starts: [epoch: number, startOffset: number][]): LeaderEpochs {
  const epochs = new LeaderEpochs()
  for (const [epoch, startOffset] of starts) epochs.begin(epoch, startOffset)
  return epochs
}

describe('leader epochs', () => {
  const epochs = create([2, 10], [4, 20], [7, 35])

  it.each([
    [7, { leaderEpoch: 7, endOffset: 50 }],
    [8, null],
    [-1, null],
    [4, { leaderEpoch: 4, endOffset: 35 }],
    [5, { leaderEpoch: 4, endOffset: 35 }],
    [3, { leaderEpoch: 2, endOffset: 20 }],
    [1, { leaderEpoch: 1, endOffset: 10 }],
  ])('end of epoch %i is %o', (epoch, expected) => {
    expect(epochs.endOf(epoch, 50)).toEqual(expected)
  })

  it('forgets epochs without records and never goes back', () => {
    const some = create([1, 0], [2, 5], [3, 5], [2, 9])
    expect(some.starts).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 3, startOffset: 5 },
    ])
  })

  it('follows the log start', () => {
    const some = create([1, 0], [2, 10], [3, 20])
    some.trim(12)
    expect(some.starts).toEqual([
      { epoch: 2, startOffset: 12 },
      { epoch: 3, startOffset: 20 },
    ])
    some.trim(20)
    expect(some.starts).toEqual([{ epoch: 3, startOffset: 20 }])
  })
})
