import { expect, it } from 'vitest'
import { amountText, compact } from './labels.ts'

it.each([
  [5.024, '5.02'],
  [14.59, '14.6'],
  [204, '204'],
  [999, '999'],
  [39_340, '39.3 k'],
  [223_347, '223 k'],
  [999_499, '999 k'],
  [999_500, '1.00 M'],
  [2_083_071, '2.08 M'],
])('%d in three digits is %s', (value, text) => {
  expect(compact(value)).toBe(text)
})

it.each([
  ['records/s', '2,083,071', '2.08 M/s'],
  ['records/s, cache cold', '880,000', '880 k/s'],
  ['p50 ms', '1.07', '1.07 ms'],
  ['first start ms', '3,100', '3.10 s'],
  ['RSS MiB', '104', '104 MiB'],
])('%s of %s is %s', (figure, median, text) => {
  expect(amountText({ figure }, median)).toBe(text)
})
