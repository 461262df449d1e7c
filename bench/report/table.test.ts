import { expect, it } from 'vitest'
import { renderMarkdown, renderPlain } from './table.ts'

const table = {
  head: ['load', 'records/s', 'p99 ms', 'detail'],
  rows: [
    ['produce', '1,234', '0.50', ''],
    ['x', '9', '-', 'a | b'],
  ],
}

it('aligns figures to the right and text to the left', () => {
  expect(renderPlain(table)).toBe(
    [
      'load     records/s  p99 ms  detail',
      'produce      1,234    0.50',
      'x                9       -  a | b',
    ].join('\n'),
  )
})

it('keeps bars inside cells from breaking a Markdown row', () => {
  expect(renderMarkdown(table)).toBe(
    [
      '| load | records/s | p99 ms | detail |',
      '|---|---:|---:|---|',
      '| produce | 1,234 | 0.50 |  |',
      '| x | 9 | - | a \\| b |',
    ].join('\n'),
  )
})
