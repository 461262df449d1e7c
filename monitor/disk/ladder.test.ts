import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DiskPolicy } from './disk-policy.ts'
import { effectiveRetentionMs, untilOpenMs } from './disk-policy.ts'
import type { LadderView } from './ladder.ts'
import { decideStep } from './ladder.ts'
import { usedPercent } from './usage.ts'

const GIB = 1024 ** 3
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const NOON_MS = Date.UTC(2026, 0, 8, 12)

const POLICY: DiskPolicy = {
  mode: 'expansion',
  driver: 'capacity',
  thresholdPercent: 75,
  stepPercent: 10,
  cooldownMs: HOUR_MS,
  retentionFloorMs: HOUR_MS,
  capacityCeilingBytes: null,
  capacityGranularityBytes: GIB,
  effectiveRetentionPercent: 100,
  planWindow: null,
}

/** A disk of 100 GiB with a limit of `limitGib` of which so many percent are in use. */
function view(percent: number, policy: Partial<DiskPolicy> = {}, more: Partial<LadderView> = {}) {
  const limitBytes = 50 * GIB
  const usedBytes = Math.round((percent * limitBytes) / 100)
  const volumeBytes = 100 * GIB
  const usage = { usedBytes, limitBytes, volumeBytes, floorBytes: GIB }
  const freeBytes = volumeBytes - usedBytes
  return {
    policy: { ...POLICY, ...policy },
    usage: { ...usage, freeBytes },
    bounds: { scaledBytes: limitBytes, largestBytes: usedBytes + freeBytes },
    longestRetentionMs: 7 * DAY_MS,
    lastStepAtMs: null,
    nowMs: NOON_MS,
    ...more,
  }
}

describe('the ladder', () => {
  it('rests below the threshold, and always when it is off', () => {
    expect(decideStep(view(74.9))).toEqual({ kind: 'rest' })
    expect(decideStep(view(99, { mode: 'off' }))).toEqual({ kind: 'rest' })
  })

  it('expands by a tenth, in whole units', () => {
    const step = { kind: 'expand', from: 50 * GIB, to: 55 * GIB }
    expect(decideStep(view(75))).toEqual({ kind: 'step', step })
    const coarse = decideStep(view(75, { capacityGranularityBytes: 20 * GIB }))
    expect(coarse).toMatchObject({ step: { to: 70 * GIB } })
  })

  it('expands up to the ceiling and to what the driver has, then says what is in the way', () => {
    expect(decideStep(view(80, { capacityCeilingBytes: 53 * GIB }))).toMatchObject({
      step: { to: 53 * GIB },
    })
    expect(decideStep(view(80, { capacityCeilingBytes: 50.5 * GIB }))).toEqual({
      kind: 'blocked',
      by: 'ceiling',
    })
    const full = { scaledBytes: 50 * GIB, largestBytes: 50 * GIB }
    expect(decideStep(view(80, {}, { bounds: full }))).toEqual({ kind: 'blocked', by: 'driver' })
    const unlimited = { scaledBytes: null, largestBytes: 100 * GIB }
    expect(decideStep(view(80, {}, { bounds: unlimited }))).toMatchObject({ by: 'driver' })
    expect(decideStep(view(80, {}, { bounds: null }))).toMatchObject({
      by: 'driver-not-configured',
    })
  })

  it('shortens retention by a tenth of what topics ask for, down to the floor', () => {
    const retention = (percent: number, effectiveRetentionPercent: number, floorMs = HOUR_MS) =>
      decideStep(
        view(percent, { mode: 'retention', effectiveRetentionPercent, retentionFloorMs: floorMs }),
      )
    expect(retention(80, 100)).toMatchObject({
      step: { kind: 'shorten-retention', from: 100, to: 90 },
    })
    // 2 of 7 days are 28.57 %: less would leave nobody more than the floor.
    expect(retention(80, 30, 2 * DAY_MS)).toMatchObject({ step: { from: 30, to: 29 } })
    expect(retention(80, 29, 2 * DAY_MS)).toEqual({ kind: 'blocked', by: 'retention-floor' })
    const endless = view(80, { mode: 'retention' }, { longestRetentionMs: null })
    expect(decideStep(endless)).toEqual({ kind: 'blocked', by: 'retention-floor' })
  })

  it('lengthens it again once that would not fill the disk anew', () => {
    const at = (percent: number) =>
      decideStep(view(percent, { mode: 'retention', effectiveRetentionPercent: 50 }))
    expect(at(60)).toEqual({ kind: 'rest' })
    expect(at(54)).toMatchObject({ step: { kind: 'lengthen-retention', from: 50, to: 60 } })
  })

  it('waits for what was done last to have its effect, unless the clock was set back', () => {
    const cooling = decideStep(view(80, {}, { lastStepAtMs: NOON_MS - HOUR_MS + 1 }))
    expect(cooling).toMatchObject({ kind: 'wait', for: 'cooldown', untilMs: NOON_MS + 1 })
    expect(decideStep(view(80, {}, { lastStepAtMs: NOON_MS - HOUR_MS }))).toMatchObject({
      kind: 'step',
    })
    expect(decideStep(view(80, {}, { lastStepAtMs: NOON_MS + DAY_MS }))).toMatchObject({
      kind: 'step',
    })
  })

  it('waits for its window, but not when the disk is nearly full', () => {
    const planWindow = { from: '02:00', to: '05:00' }
    expect(decideStep(view(80, { planWindow }))).toMatchObject({
      ...{ kind: 'wait', for: 'window', untilMs: NOON_MS + 14 * HOUR_MS },
    })
    expect(decideStep(view(95, { planWindow }))).toMatchObject({ kind: 'step' })
    const night = { nowMs: NOON_MS - 9 * HOUR_MS }
    expect(decideStep(view(80, { planWindow }, night))).toMatchObject({ kind: 'step' })
  })
})

describe('a window', () => {
  it.each([
    ['02:00', '05:00', '01:59', 1],
    ['02:00', '05:00', '02:00', 0],
    ['02:00', '05:00', '04:59', 0],
    ['02:00', '05:00', '05:00', 21 * 60],
    ['23:00', '01:00', '00:30', 0],
    ['23:00', '01:00', '01:00', 22 * 60],
    ['06:00', '06:00', '12:00', 0],
  ])('from %s to %s is open at %s in %d minutes', (from, to, at, minutes) => {
    const nowMs = Date.parse(`2026-01-08T${at}:00Z`)
    expect(untilOpenMs({ from, to }, nowMs)).toBe(minutes * 60_000)
  })
})

const policies = fc.record<DiskPolicy>({
  mode: fc.constantFrom('off', 'retention', 'expansion'),
  driver: fc.constant('capacity'),
  thresholdPercent: fc.integer({ min: 10, max: 95 }),
  stepPercent: fc.integer({ min: 1, max: 50 }),
  cooldownMs: fc.integer({ min: 10_000, max: DAY_MS }),
  retentionFloorMs: fc.integer({ min: 60_000, max: 30 * DAY_MS }),
  capacityCeilingBytes: fc.option(fc.integer({ min: 1, max: 2000 * GIB })),
  capacityGranularityBytes: fc.integer({ min: 1024 ** 2, max: 100 * GIB }),
  effectiveRetentionPercent: fc.integer({ min: 1, max: 100 }),
  planWindow: fc.option(
    fc.constantFrom({ from: '02:00', to: '05:00' }, { from: '22:00', to: '03:00' }),
  ),
})

const views = fc
  .record({
    policy: policies,
    volumeBytes: fc.integer({ min: 2 * GIB, max: 1000 * GIB }),
    usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    limitShare: fc.double({ min: 0, max: 1, noNaN: true }),
    longestRetentionMs: fc.option(fc.integer({ min: 60_000, max: 400 * DAY_MS })),
    sinceLastStepMs: fc.option(fc.integer({ min: 0, max: 2 * DAY_MS })),
    minute: fc.integer({ min: 0, max: 24 * 60 }),
  })
  .map(({ policy, volumeBytes, usedShare, limitShare, ...rest }): LadderView => {
    const usedBytes = Math.floor(volumeBytes * usedShare)
    const freeBytes = volumeBytes - usedBytes
    const limitBytes = usedBytes + Math.floor(freeBytes * limitShare)
    const nowMs = Date.UTC(2026, 0, 8) + rest.minute * 60_000
    return {
      policy,
      usage: { usedBytes, freeBytes, limitBytes, floorBytes: 0, volumeBytes },
      bounds: { scaledBytes: limitBytes, largestBytes: volumeBytes },
      longestRetentionMs: rest.longestRetentionMs,
      lastStepAtMs: rest.sinceLastStepMs === null ? null : nowMs - rest.sinceLastStepMs,
      nowMs,
    }
  })

describe('whatever the disk and the policy', () => {
  it('takes no step that the policy does not allow', () => {
    let steps = 0
    fc.assert(
      fc.property(views, (one) => {
        const decision = decideStep(one)
        if (decision.kind !== 'step') return
        steps++
        const { policy, usage, lastStepAtMs, nowMs, bounds } = one
        const { kind, from, to } = decision.step
        expect(lastStepAtMs === null || nowMs - lastStepAtMs >= policy.cooldownMs).toBe(true)
        if (usedPercent(usage) < 95) expect(untilOpenMs(policy.planWindow, nowMs)).toBe(0)
        if (kind === 'expand') {
          expect(policy.mode).toBe('expansion')
          expect(usedPercent(usage)).toBeGreaterThanOrEqual(policy.thresholdPercent)
          expect(to).toBeGreaterThan(from)
          expect((to - from) % policy.capacityGranularityBytes).toBe(0)
          expect(to).toBeLessThanOrEqual(policy.capacityCeilingBytes ?? Number.MAX_SAFE_INTEGER)
          expect(to).toBeLessThanOrEqual(bounds?.largestBytes ?? 0)
        } else {
          expect(policy.mode).toBe('retention')
          expect(Math.abs(to - from)).toBeLessThanOrEqual(policy.stepPercent)
          expect(to).toBeGreaterThanOrEqual(1)
          expect(to).toBeLessThanOrEqual(100)
        }
        if (kind === 'shorten-retention') {
          const asked = one.longestRetentionMs ?? 0
          const left = effectiveRetentionMs(asked, { ...policy, effectiveRetentionPercent: to })
          expect(left).toBeGreaterThanOrEqual(Math.min(asked, policy.retentionFloorMs))
          const before = effectiveRetentionMs(asked, { ...policy, effectiveRetentionPercent: from })
          expect(left).toBeLessThan(before)
        }
      }),
      { numRuns: 3_000 },
    )
    expect(steps).toBeGreaterThan(100)
  })

  it('does not call for one step by the other', () => {
    fc.assert(
      fc.property(views, (one) => {
        const policy = { ...one.policy, mode: 'retention' as const, planWindow: null }
        const decision = decideStep({ ...one, policy, lastStepAtMs: null })
        if (decision.kind !== 'step' || decision.step.kind !== 'lengthen-retention') return
        const { from, to } = decision.step
        // All of it is what retention keeps: nothing fills a disk faster.
        const usedBytes = Math.floor((one.usage.usedBytes * to) / from)
        const usage = { ...one.usage, usedBytes, freeBytes: one.usage.volumeBytes - usedBytes }
        const next = decideStep({
          ...one,
          usage: { ...usage, limitBytes: one.usage.limitBytes },
          policy: { ...policy, effectiveRetentionPercent: to },
          lastStepAtMs: null,
        })
        expect(next.kind === 'step' && next.step.kind === 'shorten-retention').toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps a disk that grows slowly enough from ever being full', () => {
    const growth = fc.integer({ min: 1, max: 5 })
    fc.assert(
      fc.property(growth, (gibAnHour) => {
        let limitBytes = 50 * GIB
        let usedBytes = 10 * GIB
        let lastStepAtMs: number | null = null
        for (let hour = 0; hour < 24 * 30; hour++) {
          usedBytes += gibAnHour * GIB
          const volumeBytes = 100_000 * GIB
          const nowMs = NOON_MS + hour * HOUR_MS
          const usage = { usedBytes, limitBytes, volumeBytes, floorBytes: GIB }
          const decision = decideStep({
            ...{ policy: POLICY, longestRetentionMs: null, lastStepAtMs, nowMs },
            usage: { ...usage, freeBytes: volumeBytes - usedBytes },
            bounds: { scaledBytes: limitBytes, largestBytes: volumeBytes },
          })
          if (decision.kind === 'step') {
            limitBytes = decision.step.to
            lastStepAtMs = nowMs
          }
          expect(limitBytes - usedBytes).toBeGreaterThan(GIB)
        }
      }),
      { numRuns: 5 },
    )
  })
})
