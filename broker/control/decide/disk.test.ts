import { describe, expect, it } from 'vitest'
import type { DiskPolicy } from '../disk-policy.ts'
import { DEFAULT_DISK_POLICY, effectiveRetentionMs } from '../disk-policy.ts'
import { decideAlterDiskCapacity, decideAlterRetentionPolicy } from './disk.ts'
import { exampleContext, exampleState } from './fixture.ts'

/** 1,000 bytes are in use, 9,000 free, and 500 have to be. */
const setCapacity = (capacityBytes: number | null, state = exampleState()) =>
  decideAlterDiskCapacity(state, { kind: 'disk.capacity.alter', capacityBytes }, exampleContext())

describe('disk.capacity.alter', () => {
  it('sets a capacity, another one, and none', () => {
    const state = exampleState()
    expect(setCapacity(1500, state)).toMatchObject({
      error: 'NONE',
      resource: { kind: 'disk-capacity', name: '1', id: null },
      ...{ before: null, after: { capacityBytes: 1500 }, reversal: 'side-effects' },
    })
    state.setDiskCapacity(1500)
    const before = { capacityBytes: 1500 }
    const raised = { before, after: { capacityBytes: 10_000 }, reversal: 'full' }
    expect(setCapacity(10_000, state)).toMatchObject(raised)
    const none = { before, after: null, result: null, reversal: 'full' }
    expect(setCapacity(null, state)).toMatchObject(none)
    state.setDiskCapacity(10_000)
    expect(setCapacity(1500, state)).toMatchObject({ reversal: 'side-effects' })
  })

  it.each([
    ['more than the file system could hold', 10_001],
    ['less than is in use and the floor', 1499],
    ['nothing', 0],
    ['parts of bytes', 2000.5],
  ])('refuses %s', (_, capacityBytes) => {
    expect(setCapacity(capacityBytes)).toMatchObject({ error: 'INVALID_REQUEST' })
  })

  it('waits until the size of the file system is known', () => {
    const diskSpace = () => ({ usedBytes: 0, freeBytes: null, floorBytes: 0 })
    const context = { ...exampleContext(), diskSpace }
    const command = { kind: 'disk.capacity.alter', capacityBytes: 1 } as const
    expect(decideAlterDiskCapacity(exampleState(), command, context)).toMatchObject({
      error: 'REQUEST_TIMED_OUT',
    })
  })
})

const shortened: DiskPolicy = {
  ...DEFAULT_DISK_POLICY,
  mode: 'retention',
  effectiveRetentionPercent: 80,
}
const setPolicy = (policy: DiskPolicy | null, state = exampleState()) =>
  decideAlterRetentionPolicy(state, { kind: 'retention-policy.alter', policy })

describe('retention-policy.alter', () => {
  it('replaces the document; what a shorter retention takes away does not come back', () => {
    const state = exampleState()
    expect(setPolicy(DEFAULT_DISK_POLICY, state)).toMatchObject({
      error: 'NONE',
      resource: { kind: 'disk-policy', name: 'disk-policy', id: null },
      ...{ before: null, after: DEFAULT_DISK_POLICY, reversal: 'full' },
    })
    expect(setPolicy(shortened, state)).toMatchObject({ reversal: 'side-effects' })
    state.setDiskPolicy(shortened)
    const lower = { ...shortened, retentionFloorMs: 60_000 }
    expect(setPolicy(lower, state)).toMatchObject({ reversal: 'side-effects' })
    expect(setPolicy(null, state)).toMatchObject({
      ...{ before: shortened, after: null, result: DEFAULT_DISK_POLICY, reversal: 'full' },
    })
  })

  it.each([
    ['a threshold beyond its bounds', { thresholdPercent: 99 }],
    ['a step that is no number', { stepPercent: Number.NaN }],
    ['a floor below a minute', { retentionFloorMs: 1 }],
    ['a ceiling of nothing', { capacityCeilingBytes: 0 }],
    ['shorter retention in the mode expansion', { mode: 'expansion' }],
    ['shorter retention in the mode off', { mode: 'off' }],
    ['a mode that there is not', { mode: 'both' as 'off' }],
  ] as const)('refuses %s', (_, changes) => {
    expect(setPolicy({ ...shortened, ...changes })).toMatchObject({ error: 'INVALID_CONFIG' })
  })
})

describe('retention in effect', () => {
  const policy = { ...shortened, retentionFloorMs: 600_000 }

  it.each([
    ['is part of what the topic asks for', 1_000_000, 800_000],
    ['does not go below the floor', 700_000, 600_000],
    ['is what the topic asks for where that is less than the floor', 300_000, 300_000],
    ['has no end where the topic says so', -1, -1],
  ])('%s', (_, retentionMs, inEffectMs) => {
    expect(effectiveRetentionMs(retentionMs, policy)).toBe(inEffectMs)
  })
})
