import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, systemClock, systemTimers } from '../../kit/index.ts'
import { createSimDisk } from '../../kit/testing.ts'
import { Labels } from '../promql/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../series/index.ts'
import type { QueryLimits, QueryOutcome } from './index.ts'
import { QueryThreads } from './index.ts'

const HOUR_MS = 3_600_000
/** Some minutes of work: it ends because it is ended. */
const ENDLESS = 'quantile_over_time(0.5, sum_over_time(bytes_total[5h:100ms])[5h:10s])'
const STOPPED = { kind: 'error', errorType: 'unavailable', message: 'stopped' } as const
const LIMITS: QueryLimits = { timeoutMs: 60_000, maxSamples: 1_000_000, maxConcurrency: 1 }

const opened: QueryThreads[] = []
afterEach(async () => {
  for (const queries of opened.splice(0)) await queries.close()
})

/** Six hours of two counters at a minute, most of it in blocks. */
async function open(limits: Partial<QueryLimits> = {}): Promise<QueryThreads> {
  const store = await SeriesStore.open(
    createSimDisk(),
    'series',
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  const series = ['orders', 'payments'].map(
    (topic) => store.numberOf(Labels.of({ __name__: 'bytes_total', topic })) ?? 0,
  )
  for (let at = 0; at <= 360; at++) {
    const timeMs = at * 60_000
    store.append({ timeMs, series, values: Float64Array.of(at * 60, at * 120) })
    if (at % 60 === 0) await store.maintain(timeMs)
  }
  const parts = { store, clock: systemClock, timers: systemTimers, logger: silentLogger }
  const queries = new QueryThreads(parts, { ...LIMITS, ...limits })
  opened.push(queries)
  return queries
}

function range(queries: QueryThreads, expression: string): Promise<QueryOutcome> {
  return queries.query({
    ...{ expression, startMs: HOUR_MS, endMs: 6 * HOUR_MS, stepMs: HOUR_MS },
    ...{ lookbackMs: null, timeoutMs: null },
  })
}

function textOf(outcome: QueryOutcome): string {
  return outcome.kind === 'answer'
    ? Buffer.from(outcome.body).toString()
    : `${outcome.errorType}: ${outcome.message}`
}

describe('a query on a thread', () => {
  it('sees what is in blocks and in memory, each selector its own series', async () => {
    const queries = await open()
    const answer = textOf(
      await range(
        queries,
        'sum by (topic) (rate(bytes_total[10m])) + on (topic) 0 * count by (topic) (bytes_total{topic="orders"} offset 30m)',
      ),
    )
    const steps = [1, 2, 3, 4, 5, 6].map((hour) => [hour * 3_600, '1'])
    expect(JSON.parse(answer)).toEqual({
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: { topic: 'orders' }, values: steps }] },
    })
  })

  it.each([
    ['is wrong', 'sum(', /^bad_data: 1:5: parse error/],
    ['fails', 'bytes_total * on () bytes_total', /^execution: .*many-to-many/],
    ['is of a feature that is left out', 'info(bytes_total)', /^bad_data: /],
  ])('that %s says so', async (_, expression, error) => {
    expect(textOf(await range(await open(), expression))).toMatch(error)
  })

  it('is refused when it holds too many samples', async () => {
    const queries = await open({ maxSamples: 100 })
    expect(textOf(await range(queries, 'rate(bytes_total[5h])'))).toMatch(/^execution: .*too many/)
  })

  it('has its time, the wait for its turn included', async () => {
    const queries = await open({ timeoutMs: 1 })
    expect(textOf(await range(queries, 'bytes_total'))).toMatch(/^timeout: /)
  })

  it('goes on to the next thread when others wait', async () => {
    const queries = await open()
    const asked = Array.from({ length: 5 }, () => range(queries, 'count(bytes_total)'))
    expect(queries.running).toBe(1)
    expect(queries.waiting).toBe(4)
    for (const answer of await Promise.all(asked)) expect(answer.kind).toBe('answer')
    expect([queries.running, queries.waiting]).toEqual([0, 0])
  })

  it('is refused when a hundred wait', async () => {
    const queries = await open()
    const asked = Array.from({ length: 102 }, () => range(queries, 'vector(1)'))
    expect(textOf(await (asked.at(-1) ?? range(queries, '1')))).toBe(
      'unavailable: too many queries are waiting',
    )
    await Promise.all(asked)
  })

  it.each([
    ['is evaluated', 0],
    ['waits for its turn', 1],
    ['is not even begun', 2],
  ])('is ended when who asked goes away while it %s', async (_, place) => {
    const queries = await open()
    const clients = [new AbortController(), new AbortController(), new AbortController()]
    clients[2]?.abort()
    const asked = clients.map(({ signal }) =>
      queries.query(
        {
          ...{ expression: ENDLESS, startMs: HOUR_MS, endMs: 6 * HOUR_MS, stepMs: HOUR_MS },
          ...{ lookbackMs: null, timeoutMs: null },
        },
        signal,
      ),
    )
    await new Promise((resolve) => setImmediate(resolve))
    clients[place]?.abort()
    expect(textOf((await asked[place]) ?? STOPPED)).toMatch(/^canceled: /)
    expect(queries.waiting).toBe(place === 2 ? 1 : 0)
    // Its place is free: what comes next is evaluated.
    for (const client of clients) client.abort()
    expect((await range(queries, 'vector(1)')).kind).toBe('answer')
  })

  it('is ended when the monitor stops, as are those that wait', async () => {
    const queries = await open()
    const asked = [range(queries, ENDLESS), range(queries, 'vector(1)')]
    await new Promise((resolve) => setImmediate(resolve))
    await queries.close()
    for (const outcome of await Promise.all(asked))
      expect(textOf(outcome)).toBe('unavailable: the monitor is stopping')
    expect([queries.running, queries.waiting]).toEqual([0, 0])
  })
})
