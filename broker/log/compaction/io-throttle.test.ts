import { expect, test } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { IoThrottle } from './io-throttle.ts'

/** How much is spent in pieces of `pieceBytes` within `durationMs`. */
async function spentIn(
  durationMs: number,
  pieceBytes: number,
  change: (throttle: IoThrottle, elapsedMs: number) => void,
): Promise<number> {
  const time = createSimTime()
  const throttle = new IoThrottle(time.clock, time.timers)
  change(throttle, 0)
  let spentBytes = 0
  let isOver = false
  const spending = (async () => {
    while (!isOver && spentBytes < 1e6) {
      await throttle.spend(pieceBytes)
      spentBytes += pieceBytes
    }
  })()
  for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += 100) {
    await time.advance(100)
    change(throttle, elapsedMs + 100)
  }
  const spentInTimeBytes = spentBytes
  isOver = true
  throttle.release()
  await spending
  expect(time.pendingTimers).toBe(0)
  return spentInTimeBytes
}

test.each([10, 100, 1_000])('pieces of %i bytes keep to the rate', async (pieceBytes) => {
  const spent = await spentIn(10_000, pieceBytes, (throttle) => throttle.setRate(1_000))
  expect(spent).toBeGreaterThanOrEqual(9_000)
  expect(spent).toBeLessThanOrEqual(10_000 + 100)
})

test('without a rate nothing waits', async () => {
  expect(await spentIn(100, 1_000, (throttle) => throttle.setRate(Infinity))).toBe(1e6)
})

test('a new rate counts at once, also for who waits', async () => {
  const spent = await spentIn(10_000, 1_000, (throttle, elapsedMs) =>
    throttle.setRate(elapsedMs < 5_000 ? 1 : 2_000),
  )
  expect(spent).toBeGreaterThanOrEqual(9_000)
  expect(spent).toBeLessThanOrEqual(12_000)
})
