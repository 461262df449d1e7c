import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../../kit/testing.ts'
import type { ClientQuota, Topic } from '../../control/index.ts'
import { quotaEntityKey } from '../../control/index.ts'
import { Quotas } from '../../quotas/index.ts'
import type { Sample } from '../family.ts'
import { quotaFamilies } from './quotas.ts'

function valuesOf(quotas: Quotas): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    quotaFamilies(quotas).map(({ name, samples }) => [
      name,
      [...(samples() as Iterable<Sample>)].map(({ labels, value }) =>
        [...Object.values(labels), value].join(' '),
      ),
    ]),
  )
}

describe('metrics of quotas', () => {
  it('count holds and their time by user and by topic', () => {
    const entity = { user: 'alice' }
    const topic: Topic = {
      ...{ id: 'id', name: 'orders', partitionCount: 1, configs: {}, internal: false },
      ...{ createdAtMs: 0, quota: { producerByteRate: 10, consumerByteRate: null } },
    }
    const quota: ClientQuota = { entity, limits: { producer_byte_rate: 100 } }
    const state = {
      quotas: new Map([[quotaEntityKey(entity), quota]]),
      topicsById: new Map([[topic.id, topic]]),
      quotaSeq: 0,
    }
    const quotas = new Quotas({ state, clock: createSimTime().clock })
    const client = quotas.of({ principal: 'User:alice' }, null)
    client.produced(100)
    client.produced(50)
    client.produced(100)
    quotas.ofTopic(topic)?.produced(30)
    expect(valuesOf(quotas)).toEqual({
      glasslog_quota_throttled_total: ['producer_byte_rate alice 2'],
      glasslog_quota_throttle_seconds_total: ['producer_byte_rate alice 2'],
      glasslog_topic_quota_throttled_total: ['topic_producer_byte_rate orders 1'],
      glasslog_topic_quota_throttle_seconds_total: ['topic_producer_byte_rate orders 2'],
      glasslog_quota_throttles: ['1'],
    })
  })
})
