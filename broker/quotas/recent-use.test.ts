import { expect, it } from 'vitest'
import { RecentUse } from './recent-use.ts'

it('is of the last five to ten seconds', () => {
  const use = new RecentUse(1_000)
  expect(use.lastMs).toBe(-Infinity)
  use.add(600, 1_000)
  use.addHold(40, 1_000)
  use.addHold(20, 2_000)
  expect(use.perSecond(2_000)).toBe(100)
  // The window before counts until the next one is over, too.
  use.add(300, 7_000)
  expect(use.perSecond(10_000)).toBe(100)
  expect([use.holds(10_000), use.heldMs(10_000)]).toEqual([2, 60])
  expect(use.perSecond(11_000)).toBe(60)
  expect([use.holds(11_000), use.heldMs(11_000)]).toEqual([0, 0])
  expect(use.lastMs).toBe(7_000)
})

it('is nothing after a rest', () => {
  const use = new RecentUse(0)
  use.add(600, 0)
  use.addHold(40, 0)
  expect([use.holds(9_999), use.heldMs(9_999)]).toEqual([1, 40])
  expect([use.perSecond(60_000), use.holds(60_000), use.heldMs(60_000)]).toEqual([0, 0, 0])
  use.add(100, 60_000)
  expect(use.perSecond(60_000)).toBe(20)
})

it('does not count what came to nothing', () => {
  const use = new RecentUse(0)
  use.add(50, 0)
  use.add(-50, 100)
  expect(use.perSecond(100)).toBe(0)
})
