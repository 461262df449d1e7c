import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRealDisk, silentLogger, systemClock, systemTimers } from '../../kit/index.ts'
import { Labels } from '../../monitor/promql/index.ts'
import { QueryThreads } from '../../monitor/query/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../../monitor/series/index.ts'
import type { Dataset } from './dataset.ts'
import { countersOf, QUERY } from './dataset.ts'
import { residentBytes, startPrometheus } from './prometheus.ts'

const STEP_MS = 15_000
const HOUR_STEPS = 240
const ROUNDS = 5
const SERIES = 10_000
const HOUR_MS = 3_600_000

const data = countersOf(100, SERIES / 100, STEP_MS)

interface Place {
  readonly directory: string
  readonly startMs: number
  readonly endMs: number
}

interface Measured {
  readonly seriesBytes: number
  readonly fineMs: number
  readonly coarseMs: number
}

/**
 * The monitor's series and queries beside Debian's Prometheus, on the same samples: memory per
 * series with two hours of samples in memory, then the time of a range query over six hours. Prometheus is asked over
 * HTTP, the monitor's threads directly: both answers are the JSON that a client would get.
 */
export async function besidePrometheus(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'glasslog-bench-monitor-'))
  // The newest sample is just over, as while scraping.
  const endMs = Math.floor(systemClock.now() / STEP_MS) * STEP_MS
  const place = { directory, startMs: endMs - 6 * HOUR_MS, endMs }
  try {
    const own = await measureOwn(place)
    const peer = await measurePrometheus(place)
    row('memory per series, bytes', own.seriesBytes, peer.seriesBytes, 2)
    row('query, step 15 s, ms', own.fineMs, peer.fineMs, 3)
    row('query, step 60 s, ms', own.coarseMs, peer.coarseMs, 3)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measureOwn({ directory, startMs, endMs }: Place): Promise<Measured> {
  const store = await SeriesStore.open(
    openRealDisk(),
    join(directory, 'monitor'),
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  globalThis.gc?.()
  const before = residentBytes(process.pid)
  const numbers = data.series.map((labels) => store.numberOf(Labels.of(labels)) ?? 0)
  const fill = async (fromStep: number, toStep: number) => {
    for (let step = fromStep; step < toStep; step++) {
      const values = Float64Array.from(numbers, (_, at) => data.valueAt(at, step))
      store.append({ timeMs: startMs + step * STEP_MS, series: numbers, values })
      // As often as the monitor does both.
      if (step % 4 === 0) await store.sync()
      if (step % 40 === 0) await store.maintain(startMs + step * STEP_MS)
    }
  }
  await fill(0, 2 * HOUR_STEPS)
  globalThis.gc?.()
  const seriesBytes = (residentBytes(process.pid) - before) / SERIES
  await fill(2 * HOUR_STEPS, 6 * HOUR_STEPS)
  const queries = new QueryThreads(
    { store, clock: systemClock, timers: systemTimers, logger: silentLogger },
    { timeoutMs: 120_000, maxSamples: 50_000_000, maxConcurrency: 1 },
  )
  const ask = async (stepMs: number) => {
    const outcome = await queries.query({
      ...{ expression: QUERY, startMs, endMs, stepMs },
      ...{ lookbackMs: null, timeoutMs: null },
    })
    if (outcome.kind === 'error') throw new Error(outcome.message)
  }
  const fineMs = await best(() => ask(15_000))
  const coarseMs = await best(() => ask(60_000))
  await queries.close()
  await store.close()
  return { seriesBytes, fineMs, coarseMs }
}

async function measurePrometheus({ directory, startMs, endMs }: Place): Promise<Measured> {
  const prometheus = await startPrometheus(directory)
  try {
    const before = prometheus.memoryBytes()
    await fillPrometheus(data, 0, 2 * HOUR_STEPS)
    const seriesBytes = (prometheus.memoryBytes() - before) / SERIES
    await fillPrometheus(data, 2 * HOUR_STEPS, 6 * HOUR_STEPS)
    const ask = async (step: string) => {
      const body = new URLSearchParams({
        ...{ query: QUERY, step },
        ...{ start: String(startMs / 1000), end: String(endMs / 1000) },
      })
      const answer = await fetch(`${prometheus.url}/api/v1/query_range`, { method: 'POST', body })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`Prometheus: ${answer.status}`)
    }
    return {
      seriesBytes,
      fineMs: await best(() => ask('15')),
      coarseMs: await best(() => ask('60')),
    }
  } finally {
    await prometheus.stop()
  }

  async function fillPrometheus(samples: Dataset, from: number, to: number): Promise<void> {
    for (let step = from; step < to; step += 40)
      await prometheus.write(samples, startMs, step, Math.min(step + 40, to))
  }
}

/** Milliseconds of the quickest of some rounds: the least disturbed. */
async function best(ask: () => Promise<void>): Promise<number> {
  let quickestMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const beganMs = systemClock.monotonicMs()
    await ask()
    quickestMs = Math.min(quickestMs, systemClock.monotonicMs() - beganMs)
  }
  return quickestMs
}

function row(name: string, ours: number, theirs: number, goal: number): void {
  const ratio = ours / theirs
  console.log(
    `${name}: monitor ${ours.toFixed(0)}, Prometheus ${theirs.toFixed(0)}, ratio ${ratio.toFixed(2)} (goal <= ${goal})${ratio <= goal ? '' : ' MISSED'}`,
  )
}
