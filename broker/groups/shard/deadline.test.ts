import { expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { Deadline } from './deadline.ts'

it('is reached once, when the last time that was set has passed', async () => {
  const time = createSimTime()
  const reachedAt: number[] = []
  const deadline = new Deadline(time.clock, time.timers, () => {
    reachedAt.push(time.clock.monotonicMs())
  })
  deadline.set(100)
  await time.advance(60)
  deadline.set(100)
  await time.advance(60)
  deadline.set(100)
  expect(time.pendingTimers).toBe(1)
  await time.advance(1_000)
  expect(reachedAt).toEqual([220])
  expect(deadline.isReached).toBe(true)
  // An earlier time than the one it was armed for.
  deadline.set(500)
  deadline.set(10)
  await time.advance(1_000)
  expect(reachedAt).toEqual([220, 1_130])
  deadline.set(10)
  deadline.cancel()
  expect(deadline.isReached).toBe(false)
  await time.advance(1_000)
  expect(reachedAt).toEqual([220, 1_130])
  expect(time.pendingTimers).toBe(0)
})
