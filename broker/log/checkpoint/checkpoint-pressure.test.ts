import { expect, it } from 'vitest'
import { checkpointPressure } from './checkpoint-pressure.ts'

it('lets the journal grow with the number of logs that a checkpoint must sync, up to a bound', () => {
  const pressures = [0, 100, 1_000, 5_000, 10_000, 1e9].map((logs) => checkpointPressure(30, logs))
  expect(pressures).toEqual([...pressures].sort((a, b) => a - b))
  expect(pressures[0]).toBeCloseTo(0.15)
  expect(pressures[1]).toBeLessThan(0.16)
  expect(pressures[3]).toBeCloseTo(0.4)
  expect(pressures[5]).toBe(pressures[3])
})

it('is the same for every number of logs where there are few files', () => {
  for (const logs of [0, 100, 1e6]) expect(checkpointPressure(5, logs)).toBeCloseTo(0.4)
})
