import { expect, it } from 'vitest'
import { silentLogger } from '../kit/index.ts'
import { createSimTime } from '../kit/testing.ts'
import type { BrokerAddress } from './follow-broker.ts'
import { followBroker } from './follow-broker.ts'

it('begins no scrape once it is stopped, also when the broker is found only then', async () => {
  const time = createSimTime()
  const found = Promise.withResolvers<BrokerAddress | null>()
  const scraped: string[] = []
  const stop = followBroker({
    findBroker: () => found.promise,
    scrapeIntervalMs: 1_000,
    targetLabels: {},
    store: { numberOf: () => null, isKnown: () => false, append: () => {} },
    details: { exemplar: () => {}, metadata: () => {} },
    ...{ clock: time.clock, timers: time.timers, logger: silentLogger },
    onScrape: (job) => scraped.push(job),
  })
  stop()
  found.resolve({ url: 'http://127.0.0.1:1', token: 'x' })
  await time.settle()
  await time.advance(60_000)
  expect(scraped).toEqual([])
})
