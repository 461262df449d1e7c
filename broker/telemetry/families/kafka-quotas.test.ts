import { expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import type { ClientQuota } from '../../control/index.ts'
import { quotaEntityKey } from '../../control/index.ts'
import { Quotas } from '../../quotas/index.ts'
import type { Sample } from '../family.ts'
import { QuotaView } from '../view/quota-view.ts'
import { kafkaQuotaFamilies } from './kafka-quotas.ts'

const QUOTAS: readonly ClientQuota[] = [
  { entity: { user: 'alice' }, limits: { producer_byte_rate: 100, controller_mutation_rate: 1 } },
  { entity: { clientId: 'app' }, limits: { consumer_byte_rate: 1_000 } },
  { entity: { user: null, clientId: null }, limits: { request_percentage: 50 } },
  { entity: { ip: null }, limits: { connection_creation_rate: 10 } },
]

function start(maxClientIds = 10) {
  const time = createSimTime()
  const state = {
    quotas: new Map(QUOTAS.map((quota) => [quotaEntityKey(quota.entity), quota])),
    topicsById: new Map(),
    quotaSeq: 0,
  }
  const quotas = new Quotas({ state, clock: time.clock })
  const quotaView = new QuotaView({ quotas }, { maxClientIds }, time.clock)
  const of = (user: string, clientId: string) => quotas.of({ principal: `User:${user}` }, clientId)
  /** Values by the series of those families that have any. */
  const scrape = (): Readonly<Record<string, number>> => {
    quotaView.refresh()
    const values: Record<string, number> = {}
    for (const { name, samples } of kafkaQuotaFamilies({ quotaView })) {
      for (const { labels, value } of samples() as Iterable<Sample>) {
        values[`${name} ${Object.values(labels).join(' ')}`] = value
      }
    }
    return values
  }
  return { time, quotas, quotaView, of, scrape }
}

it('shows what clients under a quota take, and for how long they are held', async () => {
  const { time, quotas, of, scrape } = start()
  expect(scrape()).toEqual({})
  // Whose limits were looked up has not taken anything yet.
  const alice = of('alice', 'app')
  expect(scrape()).toEqual({})
  alice.produced(300)
  alice.produced(200)
  alice.fetched(500)
  alice.worked(250)
  alice.mutations(false)?.take(4)
  quotas.connected('192.0.2.1')
  expect(scrape()).toEqual({
    'kafka_server_quota_byte_rate Produce alice ': 100,
    'kafka_server_quota_byte_rate Fetch  app': 100,
    'kafka_server_quota_request_time Request alice app': 5,
    'kafka_server_quota_mutation_rate ControllerMutation alice ': 0.8,
    'kafka_server_quota_tokens ControllerMutation alice ': 7,
    // 2 s for what the first left of a debt, 4 s with the second.
    'kafka_server_quota_throttle_time Produce alice ': 3_000,
    'kafka_server_quota_throttle_time Fetch  app': 0,
    'kafka_server_quota_throttle_time Request alice app': 0,
    'kafka_server_quota_throttle_time ControllerMutation alice ': 0,
    'kafka_server_produce_byte_rate alice ': 100,
    'kafka_server_fetch_byte_rate  app': 100,
    'kafka_server_request_request_time alice app': 5,
    'kafka_server_produce_throttle_time alice ': 3_000,
    'kafka_server_fetch_throttle_time  app': 0,
    'kafka_server_request_throttle_time alice app': 0,
  })
  await time.advance(20_000)
  expect(scrape()).toMatchObject({
    'kafka_server_quota_byte_rate Produce alice ': 0,
    'kafka_server_quota_throttle_time Produce alice ': 0,
  })
  await time.advance(5 * 60_000)
  expect(scrape()).toEqual({})
})

it('tells so many apart, and counts the others together', () => {
  const { of, scrape, quotaView } = start(2)
  for (let n = 0; n < 5; n++) of(`user-${n}`, 'app').worked(50)
  const values = scrape()
  expect(Object.keys(values).filter((key) => key.includes('quota_request_time'))).toHaveLength(3)
  expect(values).toMatchObject({
    'kafka_server_quota_request_time Request user-0 app': 1,
    'kafka_server_quota_request_time Request _other _other': 3,
  })
  expect(quotaView.otherCount).toBe(3)
})

it('has one series for names that begin alike for longer than a label is', () => {
  const { of, scrape, quotaView } = start()
  const begin = 'c'.repeat(249)
  for (const end of ['1', '2']) of('bob', begin + end).worked(50)
  expect(scrape()[`kafka_server_quota_request_time Request bob ${begin}`]).toBe(2)
  expect([...quotaView.rows('request_percentage')]).toHaveLength(1)
})
