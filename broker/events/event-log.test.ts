import { describe, expect, it } from 'vitest'
import { createSimTime } from '../../kit/testing.ts'
import { batchesIn, decodeRecords } from '../../protocol/index.ts'
import { EventLog, MAX_WAITING_EVENTS } from './event-log.ts'
import type { EventRecord } from './event-record.ts'
import { decodeEvent } from './event-record.ts'
import { EventReporter } from './event-reporter.ts'

/** The end of a disk: takes batches, refuses them, or hangs. */
type Disk = 'works' | 'refuses' | 'hangs'

function open() {
  const time = createSimTime()
  const batches: Buffer[] = []
  const stored: EventRecord[] = []
  const state = { disk: 'works' as Disk }
  const log = new EventLog({
    ...time,
    onDropped: (dropped) => reporter.report({ kind: 'events-dropped', dropped }),
  })
  const reporter = new EventReporter({ ...time, sinks: [log.sink] })
  const append = async (batch: Uint8Array): Promise<boolean> => {
    if (state.disk === 'hangs') return new Promise(() => {})
    if (state.disk === 'refuses') return false
    batches.push(Buffer.from(batch))
    for (const one of batchesIn(batch)) {
      for (const { value } of decodeRecords(Buffer.from(one))) {
        const record = decodeEvent(value)
        if (record) stored.push(record)
      }
    }
    return true
  }
  /** Each about another resource, so that each is told at once. */
  const report = (count: number, from = 0): void => {
    for (let n = from; n < from + count; n++) {
      log.sink({
        ...{ kind: 'idle-timeout', severity: 'info', explanation: '', remedy: '', facts: {} },
        ...{ resource: { kind: 'listener', name: `L${n}` }, count: 1 },
        ...{ firstAtMs: time.clock.now(), lastAtMs: time.clock.now() },
      })
    }
  }
  return { time, batches, stored, state, log, reporter, append, report }
}

describe('the event log', () => {
  it('writes what is reported, and all that is known of it', async () => {
    const { log, reporter, append, stored, time } = open()
    log.open(append)
    const at = new Date(time.clock.now()).toISOString()
    reporter.report({ kind: 'disk-full', freeBytes: 1048576, floorBytes: 2097152 })
    expect(stored).toEqual([])
    await time.advance(1000)
    expect(stored).toEqual([
      {
        ...{ schema: 1, at: expect.any(String), kind: 'disk-full', severity: 'error' },
        resource: { kind: 'broker', name: '' },
        explanation: expect.stringContaining('1.0 MiB are free'),
        remedy: expect.stringContaining('Delete topics'),
        facts: { freeBytes: 1048576, floorBytes: 2097152 },
        ...{ count: 1, firstAt: at, lastAt: at },
      },
    ])
    expect(log.counts).toEqual({ written: 1, dropped: 0, failedAppends: 0 })
  })

  it('puts what happens together into one batch, keyed and headed by its kind', async () => {
    const { log, append, batches, time, report } = open()
    log.open(append)
    report(10)
    await time.advance(1000)
    expect(batches).toHaveLength(1)
    const [first] = [...decodeRecords(batches[0] ?? Buffer.alloc(0))]
    expect(first?.key?.toString()).toBe('idle-timeout')
    expect(first?.headers.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'kind=idle-timeout',
      'severity=info',
    ])
  })

  it('keeps what happened before there was a log to write to', async () => {
    const { log, append, stored, time, report } = open()
    report(3)
    await time.advance(60_000)
    log.open(append)
    await time.advance(1000)
    expect(stored.map(({ resource }) => resource.name)).toEqual(['L0', 'L1', 'L2'])
    expect(Date.parse(stored[0]?.at ?? '')).toBe(time.clock.now() - 61_000)
  })

  it('keeps the first of very many while the disk hangs, and counts the rest', async () => {
    const { log, append, state, report, time } = open()
    log.open(append)
    state.disk = 'hangs'
    report(1)
    await time.advance(1000)
    report(10_000, 1)
    expect(log.waiting).toBe(MAX_WAITING_EVENTS)
    expect(log.counts.dropped).toBe(10_001 - MAX_WAITING_EVENTS)
  })

  it('tries again after a failure, in order, and tells how many were dropped', async () => {
    const { log, append, state, report, stored, time } = open()
    log.open(append)
    state.disk = 'refuses'
    report(MAX_WAITING_EVENTS + 5)
    await time.advance(10_000)
    expect(stored).toEqual([])
    expect(log.counts.failedAppends).toBeGreaterThan(3)
    expect(log.counts.failedAppends).toBeLessThan(15)
    state.disk = 'works'
    await time.advance(5000)
    expect(stored.slice(0, 3).map(({ resource }) => resource.name)).toEqual(['L0', 'L1', 'L2'])
    expect(stored).toHaveLength(MAX_WAITING_EVENTS + 1)
    expect(stored.at(-1)).toMatchObject({ kind: 'events-dropped', facts: { dropped: 5 } })
  })

  it('writes what waits when it stops, takes nothing more, and leaves no timer', async () => {
    const { log, append, report, stored, time } = open()
    log.open(append)
    report(300)
    await log.stop()
    expect(stored).toHaveLength(300)
    report(1)
    expect(log.counts).toMatchObject({ written: 300, dropped: 1 })
    expect(time.pendingTimers).toBe(0)
  })

  it('does not wait for a disk that hangs when it stops', async () => {
    const { log, append, state, report, time } = open()
    log.open(append)
    state.disk = 'hangs'
    report(2)
    await time.advance(1000)
    let isStopped = false
    const stopping = log.stop().then(() => {
      isStopped = true
    })
    await time.advance(500)
    expect(isStopped).toBe(false)
    await time.advance(600)
    await stopping
    expect(log.counts.dropped).toBe(2)
  })
})

describe('records of events', () => {
  it('of another format are not understood', () => {
    expect(decodeEvent(Buffer.from('{"schema":2}'))).toBeNull()
    expect(decodeEvent(Buffer.from('no JSON'))).toBeNull()
    expect(decodeEvent(null)).toBeNull()
  })
})
