import { expect, it } from 'vitest'
import { BenchError } from '../client/bench-error.ts'
import { missingOf } from './missing.ts'

it('misses nothing where everything can be had', async () => {
  expect(await missingOf([], async () => 'jars')).toBeNull()
})

it('says in one line that jars cannot be fetched', async () => {
  const fail = () =>
    Promise.reject(new BenchError('mvn cannot fetch rocketmq-5.5.0:\na long story'))
  expect(await missingOf([], fail)).toBe('mvn cannot fetch rocketmq-5.5.0')
})

it('does not take a fault of the program for a missing broker', async () => {
  const fail = () => Promise.reject(new TypeError('a fault'))
  await expect(missingOf([], fail)).rejects.toThrow('a fault')
})
