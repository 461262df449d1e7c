import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loads } from './loads/index.ts'
import { runLoad } from './run/run-load.ts'
import { startGlasslog } from './target/glasslog.ts'
import type { Target } from './target/target.ts'

/** Every load against a real broker, for a moment: that it runs and counts, never how fast. */

const limits = { warmupMs: 50, measureMs: 250, maxPreloadBytes: 4 * 1024 * 1024 }
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

describe('every load runs', () => {
  it.each(loads.map((load) => [load.name, load] as const))('%s', async (name, load) => {
    const measurement = await runLoad(load, target, limits)
    expect(measurement.load).toBe(name)
    expect(measurement.recordsPerSecond).toBeGreaterThan(0)
    expect(measurement.latencyMs === null).toBe(load.kind === 'consume')
  })
})

it('gives no figure when the broker is gone', async () => {
  const [load] = loads
  if (!load) throw new Error('there are no loads')
  const nowhere = { address: { host: '127.0.0.1', port: 1 }, pid: null }
  await expect(runLoad(load, nowhere, limits)).rejects.toThrow('ECONNREFUSED')
})
