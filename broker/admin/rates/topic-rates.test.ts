import { expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import { TopicTrafficTable } from '../../handlers/index.ts'
import { TopicRates } from './topic-rates.ts'

const TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ'

it('follows what goes through a topic, and forgets it over the minutes', async () => {
  const time = createSimTime()
  const traffic = new TopicTrafficTable()
  const rates = new TopicRates({ traffic, ...time })
  const bytesIn = (): number => rates.of(TOPIC).bytesIn
  expect(bytesIn()).toBe(0)
  for (let second = 0; second < 10; second++) {
    traffic.of(TOPIC).bytesIn += 500
    await time.advance(1_000)
  }
  expect(bytesIn()).toBeCloseTo(500)
  await time.advance(60_000)
  expect(bytesIn()).toBeCloseTo(500 / Math.E)
  traffic.forget(TOPIC)
  await time.advance(1_000)
  expect(bytesIn()).toBe(0)
  rates.stop()
  expect(time.pendingTimers).toBe(0)
})
