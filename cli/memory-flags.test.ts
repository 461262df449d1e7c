import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { memoryFlags } from './memory-flags.mjs'

const NEW_SPACE = `
const spaces = require('node:v8').getHeapSpaceStatistics()
console.log(spaces.find(({ space_name }) => space_name === 'new_space').space_size)`

function youngGenerationBytes(flags: readonly string[]): number {
  return Number(
    execFileSync(process.execPath, [...flags, '--eval', NEW_SPACE], { encoding: 'utf8' }),
  )
}

it('gives the broker room for what is in flight, and lets the monitor keep little', () => {
  const ordinary = youngGenerationBytes(memoryFlags('topics'))
  expect(youngGenerationBytes(memoryFlags('broker'))).toBeGreaterThan(ordinary)
  expect(youngGenerationBytes(memoryFlags('monitor'))).toBeLessThanOrEqual(ordinary)
})
