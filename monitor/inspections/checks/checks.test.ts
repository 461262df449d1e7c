import { describe, expect, it } from 'vitest'
import type { Check, InspectedCluster, Observation } from '../check.ts'
import { CAPACITY_CHECKS } from './capacity.ts'
import { DISK_CHECKS } from './disk.ts'
import { GROUP_CHECKS } from './groups.ts'
import { SAFETY_CHECKS } from './safety.ts'

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

describe('the group of a probe whose monitor is gone', () => {
  const name = { group: '__glasslog_probe-0a1b2c3d' }

  it('is missed by nobody', () => {
    const group = {
      ...name,
      members: 0,
      lag: 50,
      stateSince: at(NOW_MS - 2 * HOUR_MS),
      offsets: [],
    }
    expect(judged(GROUP_CHECKS, 'group-without-members', { groups: [group] })).toEqual([])
    const partitions = [{ topic: '__glasslog_probe', partition: 0, overtakenInSeconds: 60 }]
    const lags = [{ ...name, lagRecords: 5, lagSeconds: 60, partitions }]
    const seen = { lags, topics: [], configs: configsOf({}) }
    expect(judged(GROUP_CHECKS, 'retention-overtakes', seen)).toEqual([])
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

describe('a disk that will be full soon', () => {
  const GIB = 1024 ** 3
  it.each([
    ['deletes old records', { 'cleanup.policy': 'delete' }, true],
    ['is compacted', { 'cleanup.policy': 'compact' }, false],
    ['keeps little as it is', { 'retention.bytes': '1048576' }, false],
  ])('is helped by a topic that %s', (_, configs, isRemedy) => {
    const points = Array.from({ length: 25 }, (_, hour) => [
      NOW_MS - (24 - hour) * HOUR_MS,
      (40 + hour) * GIB,
    ])
    const [observation] = judged(DISK_CHECKS, 'disk-forecast', {
      disk: { capacityBytes: null, usedBytes: 64 * GIB, freeBytes: 36 * GIB, floorBytes: GIB },
      diskUsage: [{ labels: { topic: 'orders' }, points }],
      topics: [{ name: 'orders', partitions: 1, internal: false, configs }],
      configs: configsOf({}),
    })
    expect(observation).toBeDefined()
    expect(observation?.remedy.action !== null).toBe(isRemedy)
  })
})

describe('a broker that has just begun', () => {
  const GIB = 1024 ** 3
  it.each([
    [5, 0],
    [6, 1],
  ])('is foreseen to fill its disk after %i hours of filling it: %i findings', (hours, count) => {
    const points = Array.from({ length: hours * 4 + 1 }, (_, quarter) => [
      NOW_MS - (hours * 4 - quarter) * (HOUR_MS / 4),
      (40 + quarter) * GIB,
    ])
    const seen = {
      disk: { capacityBytes: null, usedBytes: 64 * GIB, freeBytes: 36 * GIB, floorBytes: GIB },
      diskUsage: [{ labels: { topic: 'orders' }, points }],
      ...{ topics: [], configs: configsOf({}) },
    }
    expect(judged(DISK_CHECKS, 'disk-forecast', seen)).toHaveLength(count)
  })
})

describe('the version of a broker', () => {
  it.each([
    ['0.9.0', 1],
    ['1.0.0', 0],
    ['1.1.0', 0],
  ])('%s beside an installed 1.0.0', (version, count) => {
    const readings = { brokerVersion: [{ labels: { version }, value: 1 }] }
    const seen = { readings, settings: { version: '1.0.0' } }
    expect(judged(SAFETY_CHECKS, 'version-behind', seen)).toHaveLength(count)
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
