import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Disk } from '../../kit/index.ts'
import { silentLogger } from '../../kit/index.ts'
import type { SimDisk } from '../../kit/testing.ts'
import { createSimDisk } from '../../kit/testing.ts'
import { Labels, Matcher, METRIC_NAME } from '../promql/index.ts'
import type { SeriesStoreOptions } from './store.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from './store.ts'

const HOUR_MS = 3_600_000
/** 2026-01-01, a full day and a full two hours. */
const START_MS = Date.UTC(2026, 0, 1)
/** So long after two full hours they go into a block. */
const LATE_MS = 60_000
const ALL = [new Matcher(METRIC_NAME, '=', 'm')]

const labelsOf = (name: string) => Labels.of({ [METRIC_NAME]: 'm', name })

function open(disk: Disk, options: Partial<SeriesStoreOptions> = {}) {
  return SeriesStore.open(disk, 'series', { ...DEFAULT_STORE_OPTIONS, ...options }, silentLogger)
}

/** Appends one sample to each of the series. */
function append(
  store: SeriesStore,
  timeMs: number,
  values: Readonly<Record<string, number>>,
): void {
  const samples = Object.entries(values)
    .map(([name, value]) => ({ number: store.numberOf(labelsOf(name)), value }))
    .filter((sample): sample is { number: number; value: number } => sample.number !== null)
    .sort((a, b) => a.number - b.number)
  store.append({
    timeMs,
    series: samples.map(({ number }) => number),
    values: Float64Array.from(samples, ({ value }) => value),
  })
}

/** Every sample of every series: `name@minutes=value`. */
async function contents(store: SeriesStore): Promise<string[]> {
  const bounds = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
  const source = await store.view([{ matchers: ALL, ...bounds }])
  return [...source.select(ALL, bounds.fromMs, bounds.toMs)]
    .flatMap(({ labels, times, values, length }) =>
      Array.from(
        { length },
        (_, at) =>
          `${labels.get('name')}@${((times[at] as number) - START_MS) / 60_000}=${values[at]}`,
      ),
    )
    .sort()
}

describe('a store of series', () => {
  it('answers from memory and from blocks alike', async () => {
    const store = await open(createSimDisk())
    for (let hour = 0; hour < 30; hour++) {
      append(store, START_MS + hour * HOUR_MS, { a: hour, ...(hour < 3 ? { gone: 1 } : {}) })
      await store.maintain(START_MS + hour * HOUR_MS)
    }
    const all = await contents(store)
    expect(all).toHaveLength(33)
    expect(all).toContain('a@1740=29')
    expect(all).toContain('gone@120=1')
    expect(store.seriesCount).toBe(1)
    expect(store.blockBytes).toBeGreaterThan(0)
  })

  it('keeps what was synced through any crash, and never more than was appended', async () => {
    const names = ['a', 'b', 'c']
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('append' as const),
          minutes: fc.integer({ min: 1, max: 50 }),
          names: fc.subarray(names, { minLength: 1 }),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: 'sync' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'maintain' as const }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('crash' as const), seed: fc.nat(1000) }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        let disk: SimDisk = createSimDisk({ seed: 3 })
        let store = await open(disk)
        let nowMs = START_MS
        let value = 0
        let appended = new Set<string>()
        let synced = new Set<string>()
        for (const one of steps) {
          if (one.kind === 'append') {
            nowMs += one.minutes * 60_000
            const values = Object.fromEntries(one.names.map((name) => [name, value++]))
            append(store, nowMs, values)
            for (const [name, given] of Object.entries(values)) {
              appended.add(`${name}@${(nowMs - START_MS) / 60_000}=${given}`)
            }
          } else if (one.kind === 'sync') {
            await store.sync()
            synced = new Set(appended)
          } else if (one.kind === 'maintain') {
            await store.maintain(nowMs)
          } else {
            disk.stop()
            const [choice] = disk.crashChoices(20, one.seed).slice(one.seed % 5)
            disk = disk.afterCrash(choice ?? { kind: 'nothing' })
            store = await open(disk)
            const kept = new Set(await contents(store))
            expect([...synced].filter((sample) => !kept.has(sample))).toEqual([])
            expect([...kept].filter((sample) => !appended.has(sample))).toEqual([])
            appended = kept
            synced = new Set([...synced].filter((sample) => kept.has(sample)))
          }
          expect(await contents(store)).toEqual([...appended].sort())
        }
      }),
      { seed: 11, numRuns: 60 },
    )
  })

  it('keeps samples and series that come while older ones go into a block', async () => {
    const disk = createSimDisk()
    const store = await open(disk)
    append(store, START_MS, { a: 1 })
    const maintained = store.maintain(START_MS + 3 * HOUR_MS)
    const expected = ['a@0=1']
    let isOver = false
    const over = maintained.then(() => {
      isOver = true
    })
    for (let at = 1; !isOver; at++) {
      append(store, START_MS + 3 * HOUR_MS + at * 60_000, { a: at, [`new${at}`]: at })
      expected.push(`a@${180 + at}=${at}`, `new${at}@${180 + at}=${at}`)
      await Promise.resolve()
    }
    await over
    await store.sync()
    disk.stop()
    const again = await open(disk.afterCrash({ kind: 'nothing' }))
    expect(await contents(again)).toEqual(expected.sort())
  })

  it('keeps what comes in just after two hours are over and was scraped before', async () => {
    const disk = createSimDisk()
    const store = await open(disk)
    append(store, START_MS + 2 * HOUR_MS - 60_000, { a: 1 })
    await store.maintain(START_MS + 2 * HOUR_MS + 2_000)
    append(store, START_MS + 2 * HOUR_MS - 6_000, { a: 2 })
    await store.close()
    expect(await contents(await open(disk))).toEqual(['a@119.9=2', 'a@119=1'])
  })

  it('writes again what the disk did not take, so that nothing behind it is lost', async () => {
    const disk = createSimDisk()
    const store = await open(disk)
    append(store, START_MS, { a: 1 })
    await store.sync()
    for (const kind of ['write', 'sync']) {
      append(store, START_MS + 60_000, { a: 2 })
      disk.plan = (call) =>
        call.kind === kind ? { kind: 'error', code: 'ENOSPC' } : { kind: 'proceed' }
      await expect(store.sync()).rejects.toMatchObject({ code: 'ENOSPC' })
    }
    disk.plan = () => ({ kind: 'proceed' })
    append(store, START_MS + 120_000, { a: 2, b: 3 })
    await store.sync()
    disk.stop()
    const again = await open(disk.afterCrash({ kind: 'nothing' }))
    expect(await contents(again)).toEqual(['a@0=1', 'a@1=2', 'a@2=2', 'b@2=3'])
  })

  it('lets go what is too old, and the oldest when there is too much', async () => {
    const store = await open(createSimDisk(), { retentionMs: 10 * HOUR_MS })
    for (let hour = 0; hour < 48; hour += 0.25) {
      append(store, START_MS + hour * HOUR_MS, { a: Math.sin(hour) })
      await store.maintain(START_MS + hour * HOUR_MS)
    }
    const oldest =
      (await contents(store))
        .map((one) => Number(/@(\d+)/.exec(one)?.[1]))
        .sort((a, b) => a - b)[0] ?? 0
    expect(oldest).toBeGreaterThanOrEqual(34 * 60)
    expect(oldest).toBeLessThan(38 * 60)
    const small = await open(createSimDisk(), { maxBytes: 1 })
    for (let hour = 0; hour < 10; hour++) {
      append(small, START_MS + hour * HOUR_MS, { a: hour })
      await small.maintain(START_MS + hour * HOUR_MS + LATE_MS)
    }
    expect(small.blockBytes).toBe(0)
    // The sample of 8:00 ended the chunk before, and went with it.
    expect(await contents(small)).toEqual(['a@540=9'])
  })

  it('reads no more samples than one query may, and none for labels', async () => {
    const store = await open(createSimDisk(), { maxReadBytes: 1_000 })
    for (let at = 0; at < 2_000; at++)
      append(store, START_MS + at * 3_000, { a: Math.sin(at), b: at })
    await store.maintain(START_MS + 4 * HOUR_MS)
    const [fromMs, toMs] = [START_MS, START_MS + HOUR_MS]
    const selections = [{ matchers: ALL, fromMs, toMs }]
    await expect(store.chunks(selections)).rejects.toThrow(/too many samples/)
    await expect(store.view(selections)).rejects.toThrow(/too many samples/)
    expect(await store.labels([ALL], fromMs, toMs)).toHaveLength(2)
    expect(await store.labels([ALL], 0, fromMs - 1)).toEqual([])
  })

  it('takes in no more series than it may', async () => {
    const store = await open(createSimDisk(), { maxSeries: 2 })
    append(store, START_MS, { a: 1, b: 2, c: 3 })
    expect(store.refusedSeries).toBe(1)
    expect(await contents(store)).toEqual(['a@0=1', 'b@0=2'])
  })

  it('leaves a damaged block out and answers from the others', async () => {
    const disk = createSimDisk()
    const store = await open(disk)
    for (let hour = 0; hour < 7; hour++) {
      append(store, START_MS + hour * HOUR_MS, { a: hour })
      await store.maintain(START_MS + hour * HOUR_MS + LATE_MS)
    }
    await store.close()
    const [first = ''] = (await disk.list('series')).filter((name) => name.startsWith('block-'))
    const file = await disk.open(`series/${first}`, 'write')
    await file.write([Buffer.from('?')], (await file.size()) - 60)
    await file.close()
    const again = await contents(await open(disk))
    expect(again).not.toContain('a@60=1')
    expect(again).toContain('a@180=3')
    expect(again).toContain('a@360=6')
  })
})
