import { describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../../kit/index.ts'
import { FetchSession } from './fetch-session.ts'
import type { FetchTarget } from './fetch-target.ts'

function targetOf(partition: number, fetchOffset = 0): FetchTarget {
  return {
    topicName: 't',
    topicId: ZERO_UUID,
    partition,
    fetchOffset,
    maxBytes: 1000,
    currentLeaderEpoch: -1,
    sentHighWatermark: -1,
    sentLogStartOffset: -1,
    turn: 0,
  }
}

/** A session of so many partitions, each with something that wakes it. */
function create(count: number) {
  const session = new FetchSession({ id: 1, principal: 'me', usesTopicIds: false, nowMs: 0 })
  const targets = Array.from({ length: count }, (_, partition) => targetOf(partition))
  for (const target of targets) session.put(target)
  const wakers = new Map<number, () => void>()
  const rest = (partition: number): void => {
    const target = targets[partition]
    if (target === undefined) throw new RangeError('no such partition')
    session.rest(target, (listener) => {
      wakers.set(partition, listener)
      return () => void wakers.delete(partition)
    })
  }
  const awake = () => session.awake().map(({ partition }) => partition)
  return { session, targets, wakers, rest, awake }
}

describe('fetch session', () => {
  it('lets partitions rest until something wakes them, in their place', () => {
    const { session, wakers, rest, awake } = create(4)
    let wakes = 0
    const stop = session.onWake(() => wakes++)
    for (const partition of [0, 1, 3]) rest(partition)
    expect(awake()).toEqual([2])
    expect(session.hasResting).toBe(true)
    wakers.get(3)?.()
    wakers.get(0)?.()
    expect(awake()).toEqual([0, 2, 3])
    expect([...wakers.keys()]).toEqual([1])
    expect(wakes).toBe(2)
    stop()
    wakers.get(1)?.()
    expect(wakes).toBe(2)
    expect(session.hasResting).toBe(false)
  })

  it('wakes a partition whose offset the client changes', () => {
    const { session, wakers, targets, rest, awake } = create(2)
    rest(0)
    session.put(targetOf(0, 77))
    expect(awake()).toEqual([0, 1])
    expect(targets[0]?.fetchOffset).toBe(77)
    expect(wakers.size).toBe(0)
  })

  it('listens no more for what the client forgets', () => {
    const { session, wakers, rest, awake } = create(2)
    rest(0)
    session.forget('0/t')
    session.forget('9/t')
    expect(awake()).toEqual([1])
    expect(session.size).toBe(1)
    expect(wakers.size).toBe(0)
  })

  it('wakes all when the view of them changes, and not when it stays', () => {
    const { session, rest, awake } = create(3)
    session.see('reader of committed records')
    for (const partition of [0, 1, 2]) rest(partition)
    session.see('reader of committed records')
    expect(awake()).toEqual([])
    session.see('reader of all records')
    expect(awake()).toEqual([0, 1, 2])
  })

  it('listens to nothing once it is closed, and says so to who waits', () => {
    const { session, wakers, rest, awake } = create(2)
    let wakes = 0
    session.onWake(() => wakes++)
    rest(0)
    session.close()
    expect(wakes).toBe(1)
    rest(1)
    expect(awake()).toEqual([0, 1])
    expect(wakers.size).toBe(0)
  })
})
