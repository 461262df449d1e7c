import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loads } from './loads/index.ts'
import type { RunningLoad } from './loads/load.ts'
import { isRunning, syncDelayMsOf } from './loads/load.ts'
import { goals } from './peers/goals.ts'
import type { Measurement } from './run/measurement.ts'
import { runLoad } from './run/run-load.ts'
import { runOwn } from './run/run-own.ts'
import { installGlasslog, startGlasslog } from './target/glasslog.ts'
import type { Target } from './target/target.ts'

/** Every load against a real broker, for a moment: that it runs and counts, never how fast. */

const limits = { warmupMs: 50, measureMs: 250, scale: 0.002 }
const TIMEOUT_MS = 60_000
const workDirectory = mkdtempSync(join(tmpdir(), 'glasslog-bench-smoke-'))
let target: Target

beforeAll(async () => {
  target = await startGlasslog(workDirectory)
})

afterAll(async () => {
  await target.stop()
  expect(readdirSync(workDirectory)).toEqual([])
  rmSync(workDirectory, { recursive: true })
})

/** A load must find what its goals are about, and every figure must be a number. */
function expectFigures(measurement: Measurement): void {
  const { load, recordsPerSecond, latencyMs, figures, detail } = measurement
  const found = [
    ...(recordsPerSecond === null ? [] : [recordsPerSecond]),
    ...(latencyMs ? Object.values(latencyMs) : []),
    ...Object.values(figures),
  ]
  expect(found.length).toBeGreaterThan(0)
  for (const figure of found) expect(figure).toSatisfy(Number.isFinite)
  const missing = goals
    .filter((goal) => goal.load === load && goal.of(measurement) === null)
    .map(({ figure }) => figure)
    // The mean is what Kafka's latency tool adds; the cold cache is for root only.
    .filter((figure) => figure !== 'mean ms' && !detail.includes('not measured'))
  expect(missing).toEqual([])
}

describe('every load runs', () => {
  const running = loads.filter(isRunning)
  it.each(running.map((load) => [load.name, load] as const))(
    '%s',
    async (name, load) => {
      const measurement = await runLoad(load, target, limits)
      expect(measurement.load).toBe(name)
      expectFigures(measurement)
      if (load.kind === 'produce' || load.kind === 'consume' || load.kind === 'both-ways') {
        expect(measurement.recordsPerSecond).toBeGreaterThan(0)
        expect(measurement.latencyMs === null).toBe(load.kind === 'consume')
      }
    },
    TIMEOUT_MS,
  )

  const own = loads.filter((load) => !isRunning(load))
  it.each(own.map((load) => [load.name, load] as const))(
    '%s, on a broker of its own',
    async (name, load) => {
      const options = { syncDelayMs: syncDelayMsOf(load) }
      const install = () => installGlasslog(workDirectory, options)
      const { measurement } = await runOwn(load, install, limits)
      expect(measurement.load).toBe(name)
      expectFigures(measurement)
      if (measurement.latencyMs) {
        expect(measurement.latencyMs.p50).toBeGreaterThanOrEqual(syncDelayMsOf(load))
      }
    },
    TIMEOUT_MS,
  )
})

it('gives no figure when the broker is gone', async () => {
  const load: RunningLoad | undefined = loads.filter(isRunning)[0]
  if (!load) throw new Error('there are no loads')
  const nowhere = { address: { host: '127.0.0.1', port: 1 }, pid: null }
  await expect(runLoad(load, nowhere, limits)).rejects.toThrow('ECONNREFUSED')
})
