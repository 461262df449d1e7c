import { describe, expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { CrashChoice, SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../../kit/testing.ts'
import { ActionBook } from './action-book.ts'
import type { DiskAlert } from './disk-alerts.ts'
import { diskJson } from './disk-json.ts'
import { DiskKeeper } from './disk-keeper.ts'
import { createCapacityDriver } from './drivers/capacity.ts'
import type { DriverAnswer, ExpansionDriver } from './drivers/driver.ts'
import type { UsagePoint } from './forecast.ts'
import { GIB, HOUR_MS, SimBroker } from './testing.ts'

const CHECK_MS = 15_000
const ARRIVAL_MS = 30 * 60_000

interface Parts {
  readonly time?: SimTime
  readonly disk?: SimDisk
  readonly broker?: SimBroker
  readonly driver?: ExpansionDriver
  readonly history?: readonly UsagePoint[]
  readonly alerts?: DiskAlert[]
}

async function open(parts: Parts = {}) {
  const time = parts.time ?? createSimTime()
  const broker = parts.broker ?? new SimBroker()
  const disk = parts.disk ?? createSimDisk()
  const alerts = parts.alerts ?? []
  const book = await ActionBook.open(disk, 'monitor')
  const driver = parts.driver ?? createCapacityDriver(broker)
  const keeper = new DiskKeeper(
    {
      ...{ broker, book, clock: time.clock, timers: time.timers },
      drivers: new Map([[driver.name, driver]]),
      usageHistory: async () => parts.history ?? [],
      notify: async (alert) => {
        alerts.push(alert)
      },
      random: seededRandom(1),
      logger: silentLogger,
    },
    { checkIntervalMs: CHECK_MS, arrivalTimeoutMs: ARRIVAL_MS },
  )
  return { time, broker, disk, alerts, book, keeper }
}

const namesOf = (alerts: readonly DiskAlert[]) => alerts.map(({ labels }) => labels.alertname)

describe('the keeper of the disk', () => {
  it('expands a disk that fills: intent, deed, outcome, and people hear of it', async () => {
    const { time, broker, alerts, keeper } = await open()
    await time.advance(CHECK_MS)
    expect(broker.history).toEqual([])
    broker.usedBytes = 40 * GIB
    await time.advance(2 * CHECK_MS)
    expect(broker.limitBytes).toBe(55 * GIB)
    const [{ id } = { id: '' }] = keeper.actions
    expect(broker.history).toEqual([
      { phase: 'begin', id, state: 'planned' },
      { phase: 'end', id, state: 'done' },
    ])
    expect(alerts).toMatchObject([
      {
        labels: { alertname: 'DiskExpanded', severity: 'info', driver: 'capacity' },
        annotations: {
          summary: 'Done: expand from 50.0 GiB to 55.0 GiB',
          description: expect.stringContaining('80.0 % of the disk are in use'),
        },
      },
    ])
    expect(keeper.look?.decision).toEqual({ kind: 'rest' })
  })

  it('shortens retention step by step, and gives it back once there is room', async () => {
    const broker = new SimBroker({ mode: 'retention' })
    broker.usedBytes = 45 * GIB
    const { time, alerts, keeper } = await open({ broker })
    await time.advance(2 * HOUR_MS)
    expect(broker.retentions).toEqual([90, 80])
    expect(keeper.look?.retention).toMatchObject({ expectedMs: 7 * 24 * HOUR_MS })
    broker.usedBytes = 20 * GIB
    await time.advance(3 * HOUR_MS)
    expect(broker.retentions).toEqual([90, 80, 90, 100])
    expect(namesOf(alerts)).toEqual([
      ...['RetentionShortened', 'RetentionShortened'],
      ...['RetentionLengthened', 'RetentionLengthened'],
    ])
  })

  it('tells for as long as nothing helps, and when that is over', async () => {
    const broker = new SimBroker({ capacityCeilingBytes: 50 * GIB })
    broker.usedBytes = 45 * GIB
    const { time, alerts } = await open({ broker })
    await time.advance(2 * CHECK_MS)
    expect(alerts).toMatchObject([
      { labels: { alertname: 'DiskNotRelieved', obstacle: 'ceiling' }, endsAtMs: null },
      { endsAtMs: null },
    ])
    expect(alerts[0]?.startsAtMs).toBe(alerts[1]?.startsAtMs)
    broker.usedBytes = 10 * GIB
    await time.advance(CHECK_MS)
    expect(alerts.at(-1)).toMatchObject({ labels: { obstacle: 'ceiling' } })
    expect(alerts.at(-1)?.endsAtMs).not.toBe(null)
  })

  it('does nothing while the broker is away, and goes on when it is back', async () => {
    const { time, broker, keeper } = await open()
    broker.usedBytes = 40 * GIB
    broker.isAway = true
    await time.advance(HOUR_MS)
    expect(keeper.actions).toEqual([])
    broker.isAway = false
    await time.advance(2 * CHECK_MS)
    expect(broker.limitBytes).toBe(55 * GIB)
  })

  it('does nothing that the history does not take, and says that it failed', async () => {
    const { time, broker, alerts, keeper } = await open()
    broker.usedBytes = 40 * GIB
    broker.refuses = true
    await time.advance(2 * CHECK_MS)
    expect(broker.limitBytes).toBe(50 * GIB)
    expect(keeper.actions).toMatchObject([{ state: 'failed', recorded: 'nothing' }])
    expect(namesOf(alerts)).toEqual(['DiskActionFailed'])
    await time.advance(HOUR_MS - 10 * CHECK_MS)
    expect(keeper.actions).toHaveLength(1)
  })

  it('waits for a size that arrives later, and fails when it never does', async () => {
    const broker = new SimBroker({ driver: 'webhook' })
    broker.limitBytes = null
    broker.usedBytes = 80 * GIB
    const asked: number[] = []
    const { time, keeper } = await open({ broker, driver: cloud(broker, asked) })
    await time.advance(20 * 60_000)
    expect(keeper.actions).toMatchObject([{ state: 'asked', detail: 'HTTP 202' }])
    // The file system keeps a part of it for itself.
    broker.volumeBytes += 9.5 * GIB
    await time.advance(CHECK_MS)
    expect(keeper.actions).toMatchObject([{ state: 'done', recorded: 'outcome' }])
    await time.advance(HOUR_MS)
    expect(keeper.actions).toHaveLength(1)
    broker.usedBytes = 100 * GIB
    await time.advance(HOUR_MS)
    expect(keeper.actions[0]).toMatchObject({
      state: 'failed',
      detail: 'HTTP 202; it was not there after 30 minutes',
    })
    expect(asked).toHaveLength(2)
  })

  it('does not alarm people about what is under way', async () => {
    const broker = new SimBroker({ driver: 'webhook' })
    broker.limitBytes = null
    broker.usedBytes = 80 * GIB
    const asked: number[] = []
    const { time, alerts } = await open({
      broker,
      driver: {
        ...cloud(broker, asked),
        // It gives no more before it has given what was asked for.
        bounds: async () => ({
          scaledBytes: broker.volumeBytes,
          largestBytes: asked.length === 0 ? null : broker.volumeBytes,
        }),
      },
    })
    await time.advance(ARRIVAL_MS - CHECK_MS)
    expect(namesOf(alerts)).toEqual([])
    await time.advance(4 * CHECK_MS)
    expect(namesOf(alerts).slice(0, 2)).toEqual(['DiskActionFailed', 'DiskNotRelieved'])
  })

  it('asks again when nobody answers, but not for ever', async () => {
    const broker = new SimBroker({ driver: 'webhook' })
    broker.limitBytes = null
    broker.usedBytes = 80 * GIB
    let attempts = 0
    const driver = cloud(broker, [], () => {
      attempts++
      throw new Error('connect ECONNREFUSED')
    })
    const { time, keeper } = await open({ broker, driver })
    await time.advance(10 * CHECK_MS)
    expect(attempts).toBe(5)
    expect(keeper.actions).toMatchObject([{ state: 'failed', detail: 'connect ECONNREFUSED' }])
  })

  it.each(['rejects', 'refuses'])(
    'keeps the beginning of what a driver says that %s',
    async (how) => {
      const broker = new SimBroker({ driver: 'webhook' })
      broker.limitBytes = null
      broker.usedBytes = 80 * GIB
      const detail = 'no '.repeat(100_000)
      const driver = cloud(broker, [], () => {
        if (how === 'rejects') throw new Error(detail)
        return { kind: 'refused', detail }
      })
      const { time, keeper } = await open({ broker, driver })
      await time.advance(10 * CHECK_MS)
      expect(keeper.actions).toMatchObject([{ state: 'failed', recorded: 'outcome' }])
      expect(keeper.actions[0]?.detail).toHaveLength(1_001)
    },
  )

  it('lets the broker use what its volume has grown by', async () => {
    const broker = new SimBroker({ driver: 'webhook' })
    broker.limitBytes = 50 * GIB
    broker.usedBytes = 40 * GIB
    const { time } = await open({ broker, driver: cloud(broker, []) })
    await time.advance(CHECK_MS)
    broker.volumeBytes += 10 * GIB
    await time.advance(CHECK_MS)
    expect(broker.limitBytes).toBe(60 * GIB)
  })

  it('does not undo what somebody else has set meanwhile', async () => {
    const broker = new SimBroker({ mode: 'retention' })
    broker.usedBytes = 45 * GIB
    const { time, keeper } = await open({ broker })
    const intend = broker.intend.bind(broker)
    broker.intend = (action) => {
      broker.current = { ...broker.current, effectiveRetentionPercent: 40 }
      return intend(action)
    }
    await time.advance(CHECK_MS)
    expect(keeper.actions).toMatchObject([{ state: 'failed' }])
    expect(broker.current.effectiveRetentionPercent).toBe(40)
  })

  it.each([
    ['has raised the limit by hand', { limitBytes: 90 * GIB }, 'done'],
    ['has made room', { usedBytes: 20 * GIB }, 'failed'],
    ['has ended it', { mode: 'off' }, 'failed'],
    ['has lowered the ceiling', { capacityCeilingBytes: 52 * GIB }, 'failed'],
  ] as const)(
    'does not go on with an expansion that waited while somebody %s',
    async (_, meanwhile, state) => {
      const { time, broker, keeper } = await open()
      broker.usedBytes = 40 * GIB
      const intend = broker.intend.bind(broker)
      broker.intend = async () => {
        throw new Error('the history is away')
      }
      await time.advance(CHECK_MS)
      const {
        limitBytes = broker.limitBytes,
        usedBytes = broker.usedBytes,
        ...policy
      } = {
        ...({} as { limitBytes?: number; usedBytes?: number }),
        ...meanwhile,
      }
      Object.assign(broker, { limitBytes, usedBytes, intend })
      broker.current = { ...broker.current, ...policy }
      await time.advance(2 * CHECK_MS)
      expect(broker.limits).toEqual([])
      expect(keeper.actions).toMatchObject([{ state, recorded: 'outcome' }])
    },
  )

  it('does not take records away once the disk has room again', async () => {
    const broker = new SimBroker({ mode: 'retention' })
    broker.usedBytes = 45 * GIB
    const { time, keeper } = await open({ broker })
    const intend = broker.intend.bind(broker)
    broker.intend = async () => {
      throw new Error('the history is away')
    }
    await time.advance(CHECK_MS)
    Object.assign(broker, { intend, usedBytes: 20 * GIB })
    await time.advance(2 * CHECK_MS)
    expect(broker.retentions).toEqual([])
    expect(keeper.actions).toMatchObject([{ state: 'failed', recorded: 'outcome' }])
  })

  it('leaves a limit that somebody has raised by more than the volume grew', async () => {
    const broker = new SimBroker({ driver: 'webhook' })
    broker.usedBytes = 40 * GIB
    const { time } = await open({ broker, driver: cloud(broker, []) })
    await time.advance(CHECK_MS)
    Object.assign(broker, { volumeBytes: broker.volumeBytes + 10 * GIB, limitBytes: 90 * GIB })
    await time.advance(CHECK_MS)
    expect(broker.limitBytes).toBe(90 * GIB)
  })

  it('shows usage, forecast, policy and actions', async () => {
    const nowMs = createSimTime().clock.now()
    const history = Array.from({ length: 25 }, (_, hour) => ({
      atMs: nowMs - (24 - hour) * HOUR_MS,
      usedBytes: 16 * GIB + hour * GIB,
    }))
    const { time, broker, keeper } = await open({ history })
    expect(diskJson(keeper, 10)).toEqual({
      ...{
        usage: null,
        forecast: null,
        policy: null,
        retention: null,
        decision: null,
        actions: [],
      },
    })
    broker.usedBytes = 40 * GIB
    await time.advance(CHECK_MS)
    expect(diskJson(keeper, 10)).toMatchObject({
      usage: {
        ...{ usedBytes: 40 * GIB, availableBytes: 50 * GIB, usedPercent: 80, health: 'healthy' },
        ...{ refusesRecords: false, observedAt: '2024-01-01T00:00:15.000Z' },
      },
      forecast: { fullAt: expect.stringMatching(/^2024-01-01T/) },
      policy: { mode: 'expansion' },
      decision: { kind: 'step' },
      actions: [{ kind: 'expand', from: 50 * GIB, to: 55 * GIB, state: 'asked' }],
    })
  })

  it('leaves no timer behind', async () => {
    const { time, keeper } = await open()
    await keeper.stop()
    expect(time.pendingTimers).toBe(0)
  })
})

/** Somebody who takes requests and makes the volume larger in their own time. */
function cloud(
  broker: SimBroker,
  asked: number[],
  answer: () => DriverAnswer = () => ({ kind: 'asked', detail: 'HTTP 202' }),
): ExpansionDriver {
  return {
    name: 'webhook',
    scales: 'volume',
    bounds: async () => ({ scaledBytes: broker.volumeBytes, largestBytes: null }),
    expand: async ({ step }) => {
      const answered = answer()
      asked.push(step.to)
      return answered
    },
  }
}

const CHOICES: readonly CrashChoice[] = [{ kind: 'process-kill' }, { kind: 'nothing' }]

describe('a keeper that is killed', () => {
  it.each(['expansion', 'retention'] as const)(
    'closes what it began, and does nothing twice: %s',
    async (mode) => {
      const { calls } = await killedAt(mode, null)
      expect(calls).toBeGreaterThan(15)
      let resumed = 0
      for (let at = 1; at <= calls; at++) {
        for (const when of ['before', 'during', 'after'] as const) {
          for (const choice of CHOICES) {
            const plan = JSON.stringify({ at, when, choice })
            const { broker, alerts, keeper } = await killedAt(mode, { at, when, choice })
            const begun = broker.history.filter(({ phase }) => phase === 'begin')
            const ended = broker.history.filter(({ phase }) => phase === 'end')
            expect(ended.map(({ id }) => id).sort(), plan).toEqual(begun.map(({ id }) => id).sort())
            expect(new Set(broker.limits).size, plan).toBe(mode === 'expansion' ? 1 : 0)
            expect(broker.retentions, plan).toEqual(mode === 'retention' ? [90] : [])
            expect(alerts.length, plan).toBeGreaterThan(0)
            expect(new Set(alerts.map(({ labels }) => labels.action_id)).size, plan).toBe(1)
            expect(keeper.actions, plan).toMatchObject([{ state: 'done', recorded: 'outcome' }])
            if (alerts.length > 1 || broker.limits.length > 1) resumed++
          }
        }
      }
      // The moments between a deed and its record are among those that were tried.
      expect(resumed).toBeGreaterThan(0)
    },
  )
})

/** A disk that is too full from the start; the monitor is killed once, and started again within the cooldown. */
async function killedAt(
  mode: 'expansion' | 'retention',
  kill: { at: number; when: 'before' | 'during' | 'after'; choice: CrashChoice } | null,
) {
  const time = createSimTime()
  const broker = new SimBroker({ mode })
  broker.usedBytes = 40 * GIB
  const alerts: DiskAlert[] = []
  let disk = createSimDisk({ seed: 5 })
  let calls = 0
  disk.plan = ({ kind }) => {
    if (!MUTATING_CALLS.has(kind) || ++calls !== kill?.at) return { kind: 'proceed' }
    return { kind: 'stop', when: kill.when }
  }
  const first = open({ time, broker, disk, alerts })
  await time.advance(5 * CHECK_MS)
  if (kill === null) return { calls, broker, alerts, keeper: (await first).keeper }
  disk = disk.afterCrash(kill.choice)
  const { keeper } = await open({ time, broker, disk, alerts })
  await time.advance(5 * CHECK_MS)
  return { calls, broker, alerts, keeper }
}
