import { describe, expect, it } from 'vitest'
import type { Check, InspectedCluster, Observation } from '../check.ts'
import { CAPACITY_CHECKS } from './capacity.ts'
import { GROUP_CHECKS } from './groups.ts'

const NOW_MS = Date.UTC(2026, 0, 15, 12)
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const DAY_MS = 24 * HOUR_MS

const at = (ms: number): string => new Date(ms).toISOString()

/** What a check says of a cluster of which only what it looks at is given. */
function judged(checks: readonly Check[], id: string, seen: object): readonly Observation[] {
  const check = checks.find((one) => one.id === id)
  const cluster = { atMs: NOW_MS, windowMs: 10 * MINUTE_MS, ...seen }
  return [...(check?.inspect(cluster as InspectedCluster) ?? [])]
}

const configsOf = (values: Readonly<Record<string, string>>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, { name, value, readOnly: false }]))

describe('a group without members', () => {
  it.each([
    ['has not committed since', NOW_MS - 3 * HOUR_MS, 1],
    ['is committed to from outside, as stream processors do', NOW_MS - MINUTE_MS, 0],
    ['was committed to from outside an hour ago', NOW_MS - HOUR_MS, 1],
  ])('is told of by what it %s', (_, committedAtMs, count) => {
    const group = {
      ...{ group: 'job', members: 0, lag: 50, stateSince: at(NOW_MS - 2 * HOUR_MS) },
      offsets: [{ topic: 'orders', partition: 0, committedAt: at(committedAtMs) }],
    }
    expect(judged(GROUP_CHECKS, 'group-without-members', { groups: [group] })).toHaveLength(count)
  })
})

describe('a group that retention overtakes', () => {
  it.each([
    ['of the topic', { 'retention.ms': String(10 * DAY_MS) }, {}, { 'retention.ms': 20 * DAY_MS }],
    ['of the broker', {}, { 'log.retention.hours': '720' }, { 'retention.ms': 60 * DAY_MS }],
    [
      'in bytes',
      { 'retention.ms': '-1', 'retention.bytes': '1000' },
      {},
      { 'retention.bytes': 2_000 },
    ],
    ['that is none', { 'retention.ms': '-1' }, {}, null],
  ])('gets twice the retention %s, never less than there is', (_, own, broker, expected) => {
    const partition = { topic: 'orders', partition: 0, overtakenInSeconds: 60 }
    const [observation] = judged(GROUP_CHECKS, 'retention-overtakes', {
      lags: [{ group: 'late', lagRecords: 5, lagSeconds: 60, partitions: [partition] }],
      topics: [{ name: 'orders', configs: own }],
      configs: configsOf(broker),
    })
    const configs = expected && {
      configs: Object.fromEntries(
        Object.entries(expected).map(([name, value]) => [name, String(value)]),
      ),
    }
    expect(observation?.remedy.action?.body ?? null).toEqual(configs)
  })
})

describe('connections near their limit', () => {
  it.each([
    ['connections', 95, 10, true],
    ['files', 10, 990, false],
  ])('are given more where %s are short', (_, connections, files, isRaised) => {
    const [observation] = judged(CAPACITY_CHECKS, 'connections-near-limit', {
      configs: configsOf({ 'max.connections': '100' }),
      readings: {
        connections: [{ labels: {}, value: connections }],
        openFiles: [{ labels: {}, value: files }],
        maxFiles: [{ labels: {}, value: 1_000 }],
      },
    })
    expect(observation).toBeDefined()
    expect(observation?.remedy.action !== null).toBe(isRaised)
  })
})
