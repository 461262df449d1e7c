import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MatchOperator } from '../promql/index.ts'
import { Labels, Matcher } from '../promql/index.ts'
import { LabelIndex } from './label-index.ts'

const NAMES = ['a', 'b']
const VALUES = ['', 'x', 'y', 'xy']

it('finds what matching every series one by one finds, after series have gone too', () => {
  const labels = fc.record({
    a: fc.constantFrom(...VALUES),
    b: fc.constantFrom(...VALUES),
    id: fc.constant('1'),
  })
  const matcher = fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.constantFrom<MatchOperator>('=', '!=', '=~', '!~'),
      fc.constantFrom(...VALUES, 'x.*', '.+'),
    )
    .map(([name, operator, value]) => new Matcher(name, operator, value))
  fc.assert(
    fc.property(
      fc.array(labels, { maxLength: 12 }),
      fc.array(matcher, { maxLength: 3 }),
      fc.uniqueArray(fc.nat(5)),
      (all, matchers, gone) => {
        const index = new LabelIndex()
        const series = all.map((one) => Labels.of(one))
        series.forEach((one, number) => {
          index.add(number, one)
        })
        index.remove(new Set(gone))
        const expected = series
          .map((one, number) => ({ one, number }))
          .filter(
            ({ one, number }) =>
              !gone.includes(number) && matchers.every((matcher) => matcher.matches(one)),
          )
          .map(({ number }) => number)
        expect([...index.find(matchers)].sort((a, b) => a - b)).toEqual(expected)
      },
    ),
    { seed: 5, numRuns: 500 },
  )
})
