import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../kit/index.ts'
import { createSimTime } from '../kit/testing.ts'
import type { BrokerAddress } from './follow-broker.ts'
import { followBroker } from './follow-broker.ts'
import { Labels } from './promql/index.ts'

it('begins no scrape once it is stopped, also when the broker is found only then', async () => {
  const time = createSimTime()
  const found = Promise.withResolvers<BrokerAddress | null>()
  const scraped: string[] = []
  const stop = followBroker({
    findBroker: () => found.promise,
    scrapeIntervalMs: 1_000,
    targetLabels: {},
    store: { numberOf: () => null, labelsOf: () => null, append: () => {} },
    details: { exemplar: () => {}, metadata: () => {} },
    ...{ clock: time.clock, timers: time.timers, logger: silentLogger },
    random: seededRandom(1),
    onScrape: (job) => scraped.push(job),
  })
  stop()
  found.resolve({ url: 'http://127.0.0.1:1', token: 'x' })
  await time.settle()
  await time.advance(60_000)
  expect(scraped).toEqual([])
})

it('asks for what cannot change only while there are few samples', async () => {
  const time = createSimTime()
  const pages = [12_001, 12_000, 50_000, 50_001, 12_001].map((samples) => 'a 1\n'.repeat(samples))
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.end(pages[asked.length - 1])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let scrapes = 0
  const stop = followBroker({
    findBroker: async () => ({ url, token: 'x' }),
    scrapeIntervalMs: 1_000,
    targetLabels: {},
    store: { numberOf: () => 1, labelsOf: () => Labels.empty, append: () => {} },
    details: { exemplar: () => {}, metadata: () => {} },
    ...{ clock: time.clock, timers: time.timers, logger: silentLogger },
    random: seededRandom(1),
    onScrape: () => scrapes++,
  })
  for (let count = 1; count <= pages.length; count++) {
    await time.advance(1_000)
    await expect.poll(() => scrapes, { timeout: 10_000 }).toBe(count)
  }
  stop()
  server.close().closeAllConnections()
  expect(asked).toEqual([
    '/metrics?constant=false',
    '/metrics?constant=false',
    '/metrics',
    '/metrics',
    '/metrics?constant=false',
  ])
})
