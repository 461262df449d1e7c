import { expect, it } from 'vitest'
import { readMarkdownTable } from './markdown-table.ts'

const page = [
  '# Page',
  '',
  '## Empty',
  '',
  '## Loads',
  'In words.',
  '',
  '| load | records/s |',
  '|---|---:|',
  '| a \\| b | 1,234 |',
  '| c | - |',
  '',
  '| other | table |',
].join('\n')

it('reads the first table after a heading, cell by title', () => {
  const rows = readMarkdownTable(page, '## Loads').map((row) => Object.fromEntries(row))
  expect(rows).toEqual([
    { load: 'a | b', 'records/s': '1,234' },
    { load: 'c', 'records/s': '-' },
  ])
})

it.each(['## Empty', '## Nowhere'])('finds none after %s', (heading) => {
  expect(readMarkdownTable(page, heading)).toEqual([])
})
