import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecast } from './forecast.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const GIB = 1024 ** 3
const NOW_MS = Date.UTC(2026, 0, 8)

/** A point an hour for so many hours up to now. */
function hourly(hours: number, usedBytes: (hoursAgo: number) => number) {
  return Array.from({ length: hours + 1 }, (_, hour) => ({
    atMs: NOW_MS - (hours - hour) * HOUR_MS,
    usedBytes: usedBytes(hours - hour),
  }))
}

describe('the forecast of a disk', () => {
  it('is when the line through what was in use reaches the capacity', () => {
    const points = hourly(48, (hoursAgo) => 100 * GIB - hoursAgo * GIB)
    const found = forecast(points, 148 * GIB, NOW_MS)
    expect(found?.growthBytesPerDay).toBeCloseTo(24 * GIB, 0)
    expect(found?.fitRatio).toBeCloseTo(1, 9)
    expect(found?.fullAtMs).toBeCloseTo(NOW_MS + 2 * DAY_MS, -2)
    expect(found?.observedMs).toBe(48 * HOUR_MS)
  })

  it('looks through the teeth that retention saws', () => {
    const saw = (hoursAgo: number) => 50 * GIB - hoursAgo * GIB + (hoursAgo % 6) * 2 * GIB
    const found = forecast(hourly(96, saw), 100 * GIB, NOW_MS)
    expect(found?.growthBytesPerDay).toBeGreaterThan(23 * GIB)
    expect(found?.growthBytesPerDay).toBeLessThan(25 * GIB)
    expect(found?.fitRatio).toBeLessThan(1)
  })

  it('foresees nothing where the disk empties or stays as it is, and says so', () => {
    expect(
      forecast(
        hourly(24, (ago) => (10 + ago) * GIB),
        100 * GIB,
        NOW_MS,
      ),
    ).toMatchObject({
      fullAtMs: null,
    })
    expect(
      forecast(
        hourly(24, () => GIB),
        100 * GIB,
        NOW_MS,
      ),
    ).toEqual({
      ...{ growthBytesPerDay: 0, fitRatio: 1, fullAtMs: null, observedMs: DAY_MS },
    })
  })

  it('is now when there is nothing left', () => {
    const points = hourly(24, (ago) => 90 * GIB - ago * GIB)
    expect(forecast(points, 90 * GIB, NOW_MS)?.fullAtMs).toBe(NOW_MS)
  })

  it('is none out of a few points or minutes', () => {
    expect(forecast([], GIB, NOW_MS)).toBe(null)
    expect(
      forecast(
        hourly(3, () => GIB),
        GIB,
        NOW_MS,
      ),
    ).toBe(null)
    const burst = Array.from({ length: 60 }, (_, n) => ({ atMs: NOW_MS - n * 1000, usedBytes: n }))
    expect(forecast(burst, GIB, NOW_MS)).toBe(null)
  })

  it('does not depend on the order of the points, and never lies before now', () => {
    const point = fc.record({
      atMs: fc.integer({ min: NOW_MS - 30 * DAY_MS, max: NOW_MS }),
      usedBytes: fc.integer({ min: 0, max: 1024 * GIB }),
    })
    const distinct = fc.uniqueArray(point, { minLength: 5, selector: ({ atMs }) => atMs })
    fc.assert(
      fc.property(distinct, fc.integer({ min: 1, max: 1024 * GIB }), (points, capacityBytes) => {
        const found = forecast(points, capacityBytes, NOW_MS)
        const reversed = forecast([...points].reverse(), capacityBytes, NOW_MS)
        expect(reversed?.observedMs).toBe(found?.observedMs)
        expect(reversed?.growthBytesPerDay ?? 0).toBeCloseTo(found?.growthBytesPerDay ?? 0, -1)
        if (found?.fullAtMs) expect(found.fullAtMs).toBeGreaterThanOrEqual(NOW_MS)
        if (found) expect(found.fitRatio).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })
})
