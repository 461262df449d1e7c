import { expect, it } from 'vitest'
import { onceItWorks } from './once-it-works.ts'

it('opens once, and again after a failure', async () => {
  const failures = ['EMFILE: too many open files']
  let count = 0
  const opened = onceItWorks(async () => {
    const failure = failures.shift()
    if (failure) throw new Error(failure)
    count++
    return count
  })
  const first = [opened(), opened()]
  expect(await Promise.allSettled(first)).toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ])
  expect(await opened()).toBe(1)
  expect(await opened()).toBe(1)
})
