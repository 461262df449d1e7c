import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRealDisk, silentLogger } from '../../../kit/index.ts'
import type { Labels, QueryValue } from '../../../monitor/promql/index.ts'
import { PromqlEngine } from '../../../monitor/promql/index.ts'
import { parseSeries } from '../../../monitor/scrape/index.ts'
import { DEFAULT_STORE_OPTIONS, SeriesStore } from '../../../monitor/series/index.ts'
import { missingTools } from '../../support/missing-tools.ts'
import type { RunningPrometheus } from '../../support/prometheus.ts'
import { runPrometheus } from '../../support/prometheus.ts'
import type { PeerSeries } from './data.ts'
import { peerData, STEP_MS, STEPS } from './data.ts'
import { PEER_QUERIES } from './queries.ts'

// `npm run test:promql:peer`: the same samples in Prometheus and in the monitor's series, the same queries to both.
const SEED = 20
const HOUR_MS = 3_600_000
/** Relative; the two add in different orders. */
const TOLERANCE = 1e-9
/**
 * Prometheus 2 counts what lies at the very start of a range and 3 does not. So samples lie beside full minutes, at which
 * subqueries look, and questions are asked beside both.
 */
const SAMPLES_AT_MS = 7_000
const ASKED_AT_MS = 3_000

const missing = missingTools(['prometheus', 'promtool'], 'prometheus')
if (missing !== null) {
  console.log(missing)
  process.exit(0)
}
const directory = mkdtempSync(join(tmpdir(), 'glasslog-promql-peer-'))
try {
  process.exitCode = await compare()
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function compare(): Promise<number> {
  const hourMs = Math.floor((Date.now() - 6 * HOUR_MS) / HOUR_MS) * HOUR_MS
  const startMs = hourMs + SAMPLES_AT_MS
  const data = peerData(SEED)
  const store = await fillStore(data, startMs)
  const prometheus = await startPrometheus(data, startMs)
  const failures: string[] = []
  try {
    for (const query of PEER_QUERIES) {
      const why = await compareQuery(query, hourMs, store, prometheus.url)
      if (why !== null) failures.push(`${query}\n    ${why}`)
    }
  } finally {
    await prometheus.stop()
    await store.close()
  }
  for (const failure of failures) console.log(`  ${failure}`)
  console.log(`${PEER_QUERIES.length - failures.length} passed, ${failures.length} failed`)
  return failures.length === 0 ? 0 : 1
}

/** Three moments and a range of each query. Null when both sides agree. */
async function compareQuery(
  query: string,
  hourMs: number,
  store: SeriesStore,
  url: string,
): Promise<string | null> {
  const endMs = hourMs + STEPS * STEP_MS
  for (const part of [0.3, 0.62, 0.95]) {
    const atMs = hourMs + Math.floor(part * STEPS) * STEP_MS + ASKED_AT_MS
    const theirs = await ask(`${url}/api/v1/query`, { query, time: String(atMs / 1000) })
    const why = difference(theirs, pointsOf(await run(store, query, atMs, atMs, 0)))
    if (why !== null) return `at ${new Date(atMs).toISOString()}: ${why}`
  }
  const [fromMs, toMs] = [hourMs + HOUR_MS + ASKED_AT_MS, endMs - HOUR_MS]
  const theirs = await ask(`${url}/api/v1/query_range`, {
    query,
    start: String(fromMs / 1000),
    end: String(toMs / 1000),
    step: '60',
  })
  const why = difference(theirs, pointsOf(await run(store, query, fromMs, toMs, 60_000)))
  return why === null ? null : `as a range: ${why}`
}

async function run(
  store: SeriesStore,
  query: string,
  fromMs: number,
  toMs: number,
  stepMs: number,
): Promise<QueryValue> {
  const source = await store.view(
    new PromqlEngine({ select: () => [] }).selections(query, fromMs, toMs, stepMs),
  )
  const engine = new PromqlEngine(source)
  return (stepMs === 0 ? engine.instant(query, fromMs) : engine.range(query, fromMs, toMs, stepMs))
    .value
}

/** Every point by its series and time. */
type Points = ReadonlyMap<string, number>

async function ask(url: string, parameters: Record<string, string>): Promise<Points> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) })
  const { data, error } = (await answer.json()) as {
    error?: string
    data: {
      resultType: string
      result:
        | [number, string]
        | {
            metric: Record<string, string>
            value?: [number, string]
            values?: [number, string][]
          }[]
    }
  }
  if (error !== undefined) throw new Error(`Prometheus: ${error}`)
  const points = new Map<string, number>()
  const add = (metric: Record<string, string>, [time, value]: [number, string]) =>
    points.set(
      `${describe(Object.entries(metric))} ${Math.round(time * 1000)}`,
      Number(value.replace('Inf', 'Infinity')),
    )
  if (data.resultType === 'scalar') add({}, data.result as [number, string])
  else {
    for (const { metric, value, values } of data.result as {
      metric: Record<string, string>
      value?: [number, string]
      values?: [number, string][]
    }[]) {
      for (const point of values ?? (value === undefined ? [] : [value])) add(metric, point)
    }
  }
  return points
}

function pointsOf(value: QueryValue): Points {
  if (value.type === 'string') return new Map()
  if (value.type === 'scalar') return new Map([[`{} ${value.point[0]}`, value.point[1]]])
  return new Map(
    value.series.flatMap(({ labels, points }) =>
      points.map(([timeMs, number]): [string, number] => [
        `${describe(labels.entries())} ${timeMs}`,
        number,
      ]),
    ),
  )
}

function describe(labels: Iterable<readonly [string, string]>): string {
  return `{${[...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`
}

function difference(theirs: Points, ours: Points): string | null {
  for (const [key, value] of theirs) {
    const own = ours.get(key)
    if (own === undefined) return `Prometheus has ${key} = ${value}, the monitor has not`
    if (!isClose(own, value)) return `${key}: Prometheus ${value}, the monitor ${own}`
  }
  const extra = [...ours.keys()].find((key) => !theirs.has(key))
  return extra === undefined
    ? null
    : `the monitor has ${extra} = ${ours.get(extra)}, Prometheus has not`
}

function isClose(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b), 1e-9)
}

async function fillStore(data: readonly PeerSeries[], startMs: number): Promise<SeriesStore> {
  const store = await SeriesStore.open(
    openRealDisk(),
    join(directory, 'monitor'),
    DEFAULT_STORE_OPTIONS,
    silentLogger,
  )
  const numbers = data.map(({ series }) => numberOf(store, parseSeries(series, 0)))
  for (let step = 0; step < STEPS; step++) {
    const timeMs = startMs + step * STEP_MS
    const present = data
      .map(({ values }, at) => ({ value: values[step] ?? null, at }))
      .filter(({ value }) => value !== null)
    store.append({
      timeMs,
      series: present.map(({ at }) => numbers[at] as number),
      values: Float64Array.from(present, ({ value }) => value ?? 0),
    })
    // Most of it is in blocks in the end, as after hours of running.
    if (step % 100 === 0) await store.maintain(timeMs)
  }
  return store
}

function numberOf(store: SeriesStore, labels: Labels): number {
  const number = store.numberOf(labels)
  if (number === null) throw new Error('too many series')
  return number
}

async function startPrometheus(
  data: readonly PeerSeries[],
  startMs: number,
): Promise<RunningPrometheus> {
  const file = join(directory, 'samples.om')
  writeFileSync(file, openMetrics(data, startMs))
  const blocks = join(directory, 'prometheus')
  const made = spawnSync(
    'promtool',
    ['tsdb', 'create-blocks-from', 'openmetrics', '-q', file, blocks],
    { encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`promtool: ${made.stderr}`)
  const config = join(directory, 'prometheus.yml')
  writeFileSync(config, 'scrape_configs: []\n')
  return runPrometheus([
    ...[`--config.file=${config}`, `--storage.tsdb.path=${blocks}`],
    '--storage.tsdb.retention.time=100y',
  ])
}

/** Each metric's samples together, as OpenMetrics wants them. */
function openMetrics(data: readonly PeerSeries[], startMs: number): string {
  const lines: string[] = []
  for (const { series, values } of data) {
    values.forEach((value, step) => {
      if (value !== null) lines.push(`${series} ${value} ${(startMs + step * STEP_MS) / 1000}`)
    })
  }
  return `${lines.join('\n')}\n# EOF\n`
}
