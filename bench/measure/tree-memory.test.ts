import { expect, it } from 'vitest'
import { parseRollup } from './tree-memory.ts'

it('reads the lines of a rollup in bytes, not those whose names only begin alike', () => {
  const rollup = 'Rss:  100 kB\nPss_Dirty:  7 kB\nPss:   60 kB\n'
  expect(parseRollup(rollup, 'Rss')).toBe(100 * 1024)
  expect(parseRollup(rollup, 'Pss')).toBe(60 * 1024)
})
