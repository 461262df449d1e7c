import { expect, it } from 'vitest'
import { formatExpression } from './format.ts'
import { parseExpression } from './parse.ts'

const formatted = (expression: string) => formatExpression(parseExpression(expression))

it.each([
  ['up', 'up'],
  ['{__name__="up"}', 'up'],
  ['{__name__=~"up.*", job!="a"}', '{__name__=~"up.*",job!="a"}'],
  [`up{ job = 'a\\n' }`, 'up{job="a\\n"}'],
  ['rate(a[90s]) offset 1w', null],
  ['rate( a [5m] offset -1h )', 'rate(a[5m] offset -1h)'],
  ['a @ 10 offset 5m', 'a @ 10.000 offset 5m'],
  ['a @ end()', 'a @ end()'],
  ['max_over_time(rate(a[5m])[1h:])', 'max_over_time(rate(a[5m])[1h:])'],
  ['min_over_time(a[1h30m:15s] @ start())', 'min_over_time(a[1h30m:15s] @ start())'],
  ['sum(a)by(job,topic)', 'sum by (job, topic) (a)'],
  ['sum without() (a)', 'sum without () (a)'],
  ['topk(3,a)', 'topk(3, a)'],
  ['a+b*-c', 'a + b * -c'],
  ['(a+b)*c', '(a + b) * c'],
  ['a>bool on(x)group_left(y)b', 'a > bool on (x) group_left (y) b'],
  ['a and ignoring(x) b', 'a and ignoring (x) b'],
  ['1e3 == bool Inf', '1000 == bool Inf'],
])('%s', (expression, wanted) => {
  if (wanted === null) {
    expect(() => formatted(expression)).toThrow()
    return
  }
  expect(formatted(expression)).toBe(wanted)
  expect(formatted(wanted)).toBe(wanted)
})
