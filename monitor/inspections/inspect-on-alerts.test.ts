import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../kit/index.ts'
import { createSimTime } from '../../kit/testing.ts'
import { BrokerUnreachableError } from '../cluster/index.ts'
import { AlertInspections } from './inspect-on-alerts.ts'
import type { InspectionReport } from './inspector.ts'

const SECOND_MS = 1_000

/** Inspections that take a second each, in simulated time; `times` has when they began, in seconds from the start. */
function inspections({ isUnreachable = false } = {}) {
  const { clock, timers, advance, setWallClock } = createSimTime()
  const startMs = clock.now()
  const times: number[] = []
  let lastReport: InspectionReport | null = null
  let running: Promise<InspectionReport> | null = null
  const inspect = async (): Promise<InspectionReport> => {
    const startedAtMs = clock.now()
    times.push((startedAtMs - startMs) / SECOND_MS)
    if (isUnreachable) throw new BrokerUnreachableError('away')
    await new Promise<void>((resolve) => void timers.after(SECOND_MS, resolve))
    lastReport = { startedAtMs } as InspectionReport
    running = null
    return lastReport
  }
  const inspector = {
    get lastReport() {
      return lastReport
    },
    run() {
      running ??= inspect()
      return running
    },
  }
  const onAlerts = new AlertInspections({ inspector, clock, timers, logger: silentLogger })
  return {
    ...{ times, inspector, advance, onAlerts, startMs, setWallClock },
    /** An evaluation in which an alert fires since then. */
    note(firedAtSeconds: number | null) {
      const firedAtMs = firedAtSeconds === null ? null : startMs + firedAtSeconds * SECOND_MS
      onAlerts.note([{ state: firedAtMs === null ? 'pending' : 'firing', firedAtMs }])
    },
  }
}

describe('an alert', () => {
  it('is inspected when it begins to fire, and once', async () => {
    const { times, note, advance } = inspections()
    note(null)
    await advance(20 * SECOND_MS)
    expect(times).toEqual([])
    for (let evaluation = 0; evaluation < 10; evaluation++) {
      note(20)
      await advance(15 * SECOND_MS)
    }
    expect(times).toEqual([20])
  })

  it('waits for others that come soon after', async () => {
    const { times, note, advance } = inspections()
    for (let second = 0; second < 9; second++) {
      note(second)
      await advance(SECOND_MS)
    }
    await advance(60 * SECOND_MS)
    expect(times).toEqual([0, 10])
  })

  it('is not inspected again where the schedule has done so', async () => {
    const { times, note, advance, inspector } = inspections()
    await advance(5 * SECOND_MS)
    void inspector.run()
    await advance(SECOND_MS)
    note(5)
    await advance(60 * SECOND_MS)
    expect(times).toEqual([5])
  })

  it('is inspected after an inspection that had begun before it', async () => {
    const { times, note, advance, inspector } = inspections()
    void inspector.run()
    await advance(SECOND_MS / 2)
    note(0.5)
    await advance(60 * SECOND_MS)
    expect(times).toEqual([0, 10.5])
  })

  it('is inspected once, also when the clock is set back meanwhile', async () => {
    const { times, note, advance, startMs, setWallClock } = inspections()
    await advance(50 * SECOND_MS)
    note(50)
    await advance(5 * SECOND_MS)
    note(55)
    setWallClock(startMs)
    await advance(45 * SECOND_MS)
    expect(times).toEqual([50, 5])
  })

  it('of a broker that is away is tried once', async () => {
    const { times, note, advance } = inspections({ isUnreachable: true })
    for (let evaluation = 0; evaluation < 5; evaluation++) {
      note(0)
      await advance(15 * SECOND_MS)
    }
    expect(times).toEqual([0])
  })

  it('is not inspected any more once the monitor stops', async () => {
    const { times, note, advance, onAlerts } = inspections()
    note(0)
    onAlerts.stop()
    await advance(60 * SECOND_MS)
    expect(times).toEqual([])
  })
})
