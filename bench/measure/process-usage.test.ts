import { expect, it } from 'vitest'
import { parseCpuSeconds, parseResidentBytes } from './process-usage.ts'

it('finds the CPU time behind a name that holds spaces and brackets', () => {
  const stat = '42 (my (odd) name) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 11 0 100 1 2'
  expect(parseCpuSeconds(stat)).toBe(2)
})

it('reads resident memory in bytes', () => {
  expect(parseResidentBytes('Name:\tnode\nVmHWM:\t 9000 kB\nVmRSS:\t   2048 kB\n')).toBe(
    2048 * 1024,
  )
})
