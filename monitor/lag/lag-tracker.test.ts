import { expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { AdminClient } from '../cluster/index.ts'
import { LagTracker } from './lag-tracker.ts'

it('tells once of what keeps it from looking, whatever that is, and looks again', async () => {
  const time = createSimTime()
  const warnings: unknown[] = []
  let asked = 0
  const admin = new AdminClient(async () => {
    asked++
    throw new Error('the file with the address cannot be read')
  })
  const none = async () => []
  const tracker = new LagTracker({
    ...{ admin, query: { instant: none, range: none }, clock: time.clock },
    logger: { ...silentLogger, warn: (fields: object) => void warnings.push(fields) },
  })
  const cancel = tracker.start(time.timers, 1_000)
  await time.advance(3_000)
  cancel()
  expect(asked).toBe(3)
  expect(warnings).toHaveLength(1)
  expect(tracker.all()).toEqual([])
})
