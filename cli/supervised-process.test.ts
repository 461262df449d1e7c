import { expect, it } from 'vitest'
import { EXIT } from './exit-codes.ts'
import { SupervisedProcess } from './supervised-process.ts'

it('does not begin after it was stopped', async () => {
  const child = new SupervisedProcess('monitor', [], ['console'])
  child.stop()
  expect(await child.run()).toBe(EXIT.ok)
})
