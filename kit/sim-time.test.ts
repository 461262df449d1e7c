import { expect, test } from 'vitest'
import { createSimTime } from './sim-time.ts'

test('runs due timers in order, each at its own instant, settled before the next', async () => {
  const time = createSimTime()
  const seen: string[] = []
  const note = (name: string) => () => {
    seen.push(`${name}@${time.clock.monotonicMs()}`)
    Promise.resolve()
      .then(() => {})
      .then(() => seen.push(`${name} settled`))
  }
  time.timers.after(20, note('late'))
  time.timers.after(10, note('first'))
  time.timers.after(10, note('second'))
  time.timers.after(31, note('never'))
  await time.advance(30)
  expect(seen).toEqual([
    'first@10',
    'first settled',
    'second@10',
    'second settled',
    'late@20',
    'late settled',
  ])
  expect(time.clock.monotonicMs()).toBe(30)
  expect(time.pendingTimers).toBe(1)
})

test('a timer armed by a timer runs in the same advance when it is due', async () => {
  const time = createSimTime()
  let fired = -1
  time.timers.after(5, () =>
    time.timers.after(5, () => {
      fired = time.clock.monotonicMs()
    }),
  )
  await time.advance(10)
  expect(fired).toBe(10)
})

test('repeats until cancelled, also from within its own action', async () => {
  const time = createSimTime()
  let count = 0
  const cancel = time.timers.every(10, () => {
    count++
    if (count === 3) cancel()
  })
  await time.advance(100)
  expect(count).toBe(3)
  expect(time.pendingTimers).toBe(0)
})

test('a cancelled timer does not fire', async () => {
  const time = createSimTime()
  let fired = false
  const cancel = time.timers.after(1, () => {
    fired = true
  })
  cancel()
  cancel()
  await time.advance(10)
  expect(fired).toBe(false)
})

test('the wall clock can jump back; durations do not notice', async () => {
  const time = createSimTime(1_000_000)
  await time.advance(500)
  expect(time.clock.now()).toBe(1_000_500)
  time.setWallClock(900_000)
  await time.advance(1)
  expect(time.clock.now()).toBe(900_001)
  expect(time.clock.monotonicMs()).toBe(501)
})

test("advance rejects with what a timer's action threw", async () => {
  const time = createSimTime()
  time.timers.after(1, () => {
    throw new Error('boom')
  })
  await expect(time.advance(1)).rejects.toThrow('boom')
})
