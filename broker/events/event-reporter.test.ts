import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import type { BrokerEvent } from './broker-event.ts'
import type { EventReport } from './event-report.ts'
import { EventReporter, MAX_RESOURCES, WINDOW_MS } from './event-reporter.ts'

const refused = (address: string): BrokerEvent => ({
  ...{ kind: 'address-connection-limit', address, listener: 'OUTSIDE' },
})

function open() {
  const time = createSimTime()
  const reports: EventReport[] = []
  const reporter = new EventReporter({ ...time, sinks: [(report) => reports.push(report)] })
  return { time, reports, reporter }
}

describe('events', () => {
  it('are told at once, with what happened and what to do', () => {
    const { reporter, reports, time } = open()
    reporter.report(refused('10.0.0.9'))
    expect(reports).toEqual([
      {
        kind: 'address-connection-limit',
        severity: 'warning',
        resource: { kind: 'address', name: '10.0.0.9' },
        explanation:
          'A connection from 10.0.0.9 to OUTSIDE was refused: the address has as many as one may have.',
        remedy: expect.stringContaining('max.connections.per.ip'),
        facts: { address: '10.0.0.9', listener: 'OUTSIDE' },
        count: 1,
        firstAtMs: time.clock.now(),
        lastAtMs: time.clock.now(),
      },
    ])
  })

  it('of one kind about one resource are counted together for a minute', async () => {
    const { reporter, reports, time } = open()
    for (let second = 0; second < 90; second++) {
      reporter.report(refused('10.0.0.9'))
      await time.advance(1000)
    }
    await time.advance(WINDOW_MS)
    expect(reports.map(({ count }) => count)).toEqual([1, 59, 30])
    const [, second] = reports
    expect((second?.lastAtMs ?? 0) - (second?.firstAtMs ?? 0)).toBe(58_000)
    expect(reporter.counts['address-connection-limit']).toBe(90)
  })

  it('are told at once again after a quiet minute, and no timer is left behind', async () => {
    const { reporter, reports, time } = open()
    reporter.report(refused('10.0.0.9'))
    await time.advance(2 * WINDOW_MS)
    expect(time.pendingTimers).toBe(0)
    reporter.report(refused('10.0.0.9'))
    expect(reports.map(({ count }) => count)).toEqual([1, 1])
  })

  it('about too many resources are counted as several, and other kinds are not crowded out', async () => {
    const { reporter, reports, time } = open()
    for (let n = 0; n < 10_000; n++) reporter.report(refused(`10.0.${n >> 8}.${n & 255}`))
    reporter.report({ kind: 'connection-limit', address: '10.1.0.0', listener: 'OUTSIDE' })
    expect(reports).toHaveLength(MAX_RESOURCES + 2)
    expect(reports.at(-2)?.resource).toEqual({ kind: 'address', name: '(several)' })
    expect(reports.at(-1)?.kind).toBe('connection-limit')
    await time.advance(WINDOW_MS)
    expect(reports).toHaveLength(MAX_RESOURCES + 3)
    expect(reports.at(-1)?.count).toBe(10_000 - MAX_RESOURCES - 1)
    expect(reporter.counts['address-connection-limit']).toBe(10_000)
  })

  it('that were only counted are told at the end', () => {
    const { reporter, reports, time } = open()
    for (let n = 0; n < 5; n++) reporter.report(refused('10.0.0.9'))
    reporter.stop()
    expect(reports.map(({ count }) => count)).toEqual([1, 4])
    expect(time.pendingTimers).toBe(0)
  })

  it('have texts of bounded length, whatever strangers send', () => {
    const { reporter, reports } = open()
    reporter.report({
      kind: 'frame-too-large',
      address: 'x'.repeat(9999),
      listener: 'L',
      detail: 'y'.repeat(9999),
    })
    expect(reports[0]?.resource.name.length).toBeLessThan(600)
    expect(reports[0]?.explanation.length).toBeLessThan(600)
    expect(JSON.stringify(reports[0]?.facts).length).toBeLessThan(1200)
  })
})
