import { expect, it } from 'vitest'
import { amountScale, ratioScale } from './scale.ts'

it('puts equal ratios at equal distances, from one power of two to another', () => {
  const { at, ticks } = ratioScale([0.4, 3], 0, 400)
  expect(ticks).toEqual([0.25, 0.5, 1, 2, 4])
  expect(ticks.map(at)).toEqual([0, 100, 200, 300, 400])
})

it('shows both sides of 1 even when nothing is on one of them', () => {
  expect(ratioScale([1.5], 0, 1).ticks).toEqual([0.5, 1, 2])
})

it('starts amounts at nothing', () => {
  const { at } = amountScale([5, 10], 100, 300)
  expect([at(0), at(5), at(10)]).toEqual([100, 200, 300])
})
