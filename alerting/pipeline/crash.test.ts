import { describe, expect, it } from 'vitest'
import type { CrashChoice, SimDisk } from '../../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../../kit/testing.ts'
import type { IncomingAlert } from '../alerts/alert.ts'
import type { TestPipeline } from '../testing.ts'
import {
  alertNamed,
  config,
  DELIVERED,
  DOWN,
  MINUTE_MS,
  ONE_TEAM,
  Outside,
  openPipeline,
} from '../testing.ts'

const STEP_MS = 15_000
const STEPS = 140

/** Which alerts fire when, in minutes. */
const FIRES: Readonly<Record<string, readonly [from: number, until: number]>> = {
  A: [0, 8],
  B: [1, 14],
  C: [9, 20],
}

interface Kill {
  /** Which of the calls that change the disk is the last, from 1. */
  readonly at: number
  readonly when: 'before' | 'during' | 'after'
  readonly choice: CrashChoice
}

interface Run {
  /** What arrived, in order of its text. */
  readonly arrived: readonly string[]
  readonly calls: number
}

/** The same half hour each time, with a process that is killed once and started again at the next evaluation. */
async function run(kill: Kill | null, outageMinutes: number): Promise<Run> {
  const time = createSimTime()
  const startMs = time.clock.now()
  const outside = new Outside()
  let disk: SimDisk = createSimDisk({ seed: 7 })
  let calls = 0
  let isKilled = false
  disk.plan = ({ kind }) => {
    if (!MUTATING_CALLS.has(kind) || ++calls !== kill?.at) return { kind: 'proceed' }
    isKilled = true
    return { kind: 'stop', when: kill.when }
  }
  /** A process that is gone sends nothing, and hears nothing of what it had sent. */
  const start = (): { opened: Promise<TestPipeline>; end(): void } => {
    const world = new Outside()
    let isAlive = true
    world.answer = async (to, notification) => {
      if (!isAlive) return new Promise(() => {})
      const isDown = time.clock.now() - startMs < outageMinutes * MINUTE_MS
      if (isDown) return DOWN
      outside.arrivals.push({ to, atMs: time.clock.now(), notification })
      return DELIVERED
    }
    const opened = openPipeline(config(ONE_TEAM), { time, outside: world, disk })
    const end = () => {
      isAlive = false
    }
    return { opened, end }
  }
  let process = start()
  let pipeline: TestPipeline | null = null
  void process.opened.then((opened) => (pipeline = opened))
  await time.settle()
  const told = new Set<string>()
  for (let step = 0; step < STEPS; step++) {
    const minute = (step * STEP_MS) / MINUTE_MS
    const alerts: IncomingAlert[] = Object.entries(FIRES)
      .filter(([name, [from, until]]) => minute >= from && (minute < until || told.has(name)))
      .map(([name, [from, until]]) => ({
        ...alertNamed(name, startMs + from * MINUTE_MS),
        endsAtMs: minute < until ? null : startMs + until * MINUTE_MS,
      }))
    for (const { labels } of alerts) told.add(labels.alertname ?? '')
    void (pipeline as TestPipeline | null)?.pipeline.receive(alerts)
    await time.advance(STEP_MS)
    if (!isKilled || !kill) continue
    isKilled = false
    process.end()
    disk = disk.afterCrash(kill.choice)
    process = start()
    pipeline = await process.opened
  }
  return { arrived: outside.take().sort(), calls }
}

const EXPECTED = Object.keys(FIRES)
  .flatMap((name) => [
    `team/webhook first firing: ${name}; resolved: `,
    `team/webhook resolved firing: ; resolved: ${name}`,
  ])
  .sort()

const WHEN = ['before', 'during', 'after'] as const
const CHOICES: readonly CrashChoice[] = [
  { kind: 'process-kill' },
  { kind: 'nothing' },
  { kind: 'everything' },
  { kind: 'random', seed: 5, keepPercent: 50, unit: 'sector' },
]

/** How often the same was told. */
function mostTimes(arrived: readonly string[]): number {
  const times = [...Map.groupBy(arrived, (text) => text).values()].map((same) => same.length)
  return Math.max(...times)
}

describe('a pipeline that is killed', () => {
  it('loses no alert at any call to the disk, and tells nothing more than twice', async () => {
    const { arrived, calls } = await run(null, 0)
    expect(arrived).toEqual(EXPECTED)
    expect(calls).toBeGreaterThan(15)
    let duplicates = 0
    for (let at = 1; at <= calls; at++) {
      for (const [index, choice] of CHOICES.entries()) {
        const kill: Kill = { at, when: WHEN[(at + index) % 3] ?? 'before', choice }
        const { arrived: afterwards } = await run(kill, 0)
        expect([...new Set(afterwards)], JSON.stringify(kill)).toEqual(EXPECTED)
        expect(mostTimes(afterwards), JSON.stringify(kill)).toBeLessThanOrEqual(2)
        duplicates += afterwards.length - EXPECTED.length
      }
    }
    // The moment between delivery and its record is among those that were tried.
    expect(duplicates).toBeGreaterThan(0)
  })

  it('still knows after a kill what could not be delivered before', async () => {
    // A is over by the time that anybody can be told; it was owed when the process died.
    const { calls } = await run(null, 12)
    const last = 'team/webhook first firing: ; resolved: A'
    for (let at = 1; at <= calls; at++) {
      const kill: Kill = { at, when: WHEN[at % 3] ?? 'before', choice: { kind: 'process-kill' } }
      const { arrived } = await run(kill, 12)
      expect(arrived, JSON.stringify(kill)).toContain(last)
      expect(mostTimes(arrived), JSON.stringify(kill)).toBeLessThanOrEqual(2)
    }
  })

  it('tells nothing twice when it dies after the delivery was kept, which is at once', async () => {
    const settings = config(ONE_TEAM.replace('group_by', 'group_wait: 0s, group_by'))
    const disk = createSimDisk()
    const { pipeline, time, outside } = await openPipeline(settings, { disk })
    await pipeline.receive([alertNamed('A', time.clock.now())])
    await time.settle()
    expect(outside.take()).toHaveLength(1)
    disk.stop()
    const after = { disk: disk.afterCrash({ kind: 'nothing' }), outside: new Outside(), time }
    await openPipeline(settings, after)
    await time.advance(MINUTE_MS)
    expect(after.outside.take()).toEqual([])
  })
})
