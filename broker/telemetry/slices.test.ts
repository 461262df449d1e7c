import { expect, it } from 'vitest'
import type { Clock } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { Slices } from './slices.ts'

const time = createSimTime()
let nowMs = 0
const clock: Clock = { now: () => nowMs, monotonicMs: () => nowMs }

it('is over after a quarter of a millisecond', () => {
  const slices = new Slices({ ...time, clock })
  expect(slices.isOver).toBe(false)
  nowMs += 0.25
  expect(slices.isOver).toBe(true)
})

it('rests between slices, so that others find nothing in their way', async () => {
  const slices = new Slices({ ...time, clock })
  nowMs += 1
  let isRested = false
  const paused = slices.pause().then(() => {
    isRested = true
  })
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  expect(isRested).toBe(false)
  await time.advance(1)
  await paused
  expect(slices.isOver).toBe(false)
})

it('rests no more than 200 times, then gives way for a turn each', async () => {
  const slices = new Slices({ ...time, clock })
  for (let rest = 0; rest < 200; rest++) {
    const paused = slices.pause()
    expect(time.pendingTimers).toBe(1)
    await time.advance(1)
    await paused
  }
  let turns = 0
  setImmediate(() => turns++)
  await slices.pause()
  expect(turns).toBe(1)
  expect(time.pendingTimers).toBe(0)
})
