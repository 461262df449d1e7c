import { beforeEach, expect, it } from 'vitest'
import type { Temporality } from '../otlp/metrics-data.ts'
import { ClientReports } from './client-reports.ts'
import { REPORTED_METRICS } from './reported-metrics.ts'

/** What several runs of a client report becomes one row. */

type Point = readonly [name: string, value: number, temporality?: Temporality]

let reports: ClientReports
beforeEach(() => {
  reports = new ClientReports(() => 100)
})

function push(id: string, points: readonly Point[], clientId = 'app', expiresAtMs = 1000): void {
  const numbers = reports.open({ id, clientId, software: 'java' }, expiresAtMs)
  for (const [name, value, temporality = 'gauge'] of points) {
    numbers.add(`org.apache.kafka.${name}`, value, temporality)
  }
  numbers.done()
}

function rows(): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const series of reports.all()) {
    for (const [index, { family }] of REPORTED_METRICS.entries()) {
      const value = series.valueOf(index)
      if (!Number.isNaN(value)) found[`${series.clientId} ${series.role} ${family}`] = value
    }
  }
  return found
}

it('averages averages, keeps the largest maximum, adds up partitions', () => {
  push('one', [
    ['consumer.node.request.latency.avg', 10],
    ['consumer.node.request.latency.avg', 20],
    ['consumer.node.request.latency.max', 70],
    ['consumer.coordinator.assigned.partitions', 3],
    ['consumer.poll.idle.ratio.avg', 0.5],
    ['consumer.something.else', 1],
  ])
  push('two', [
    ['consumer.node.request.latency.avg', 5],
    ['consumer.node.request.latency.max', 90],
    ['consumer.coordinator.assigned.partitions', 4],
  ])
  expect(rows()).toEqual({
    'app consumer request_latency_avg_seconds': 0.01,
    'app consumer request_latency_max_seconds': 0.09,
    'app consumer poll_idle_ratio': 0.5,
    'app consumer assigned_partitions': 7,
  })
})

it('replaces what a client said before, and drops what it does not say any more', () => {
  push('one', [['producer.record.queue.time.avg', 5]])
  push('one', [['producer.record.queue.time.max', 8]])
  expect(rows()).toEqual({ 'app producer record_queue_time_max_seconds': 0.008 })
})

it('counts on from push to push, whether clients tell differences or totals', () => {
  const name = 'consumer.coordinator.rebalance.total'
  push('one', [[name, 2, 'delta']])
  push('one', [[name, 3, 'delta']])
  push('two', [[name, 10, 'cumulative']])
  push('two', [[name, 14, 'cumulative']])
  // It began anew.
  push('two', [[name, 1, 'cumulative']])
  expect(rows()).toEqual({ 'app consumer rebalances_total': 20 })
})

it('counts on after numbers that are too large to be counted', () => {
  const name = 'consumer.coordinator.rebalance.total'
  push('one', [[name, 2, 'delta']])
  for (const temporality of ['delta', 'cumulative', 'cumulative'] as const) {
    push('two', [
      [name, 1.7e308, temporality],
      [name, 1.7e308, temporality],
    ])
  }
  push('one', [[name, 3, 'delta']])
  expect(rows()).toEqual({ 'app consumer rebalances_total': 5 })
})

it('keeps counting when one of two runs is over, and forgets the name with the last', () => {
  const total = 'producer.connection.creation.total'
  push('one', [[total, 2, 'delta']], 'app', 500)
  push('two', [[total, 3, 'delta']], 'app', 900)
  reports.expire(600)
  expect(rows()).toEqual({ 'app producer connections_created_total': 5 })
  reports.expire(900)
  expect(rows()).toEqual({})
  expect(reports.count).toBe(0)
})

it('takes nothing from a push that was not read to its end', () => {
  const numbers = reports.open({ id: 'one', clientId: 'app', software: 'java' }, 1000)
  numbers.add('org.apache.kafka.producer.record.queue.time.avg', 1, 'gauge')
  expect(rows()).toEqual({})
})

it('keeps the numbers of a bounded number of runs', () => {
  for (let run = 0; run < 10_050; run++) push(`${run}`, [['producer.record.queue.time.avg', 1]])
  expect(reports.count).toBe(10_000)
})
