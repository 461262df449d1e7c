import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TableArguments } from './arguments.ts'
import { EntryStore } from './entry-store.ts'
import { measureRows } from './measure-rows.ts'
import type { Row } from './row.ts'
import { rows } from './rows.ts'

/** A real broker for a moment, with the client that needs nothing else: that it counts, never how fast. */

/** It starts a broker, which takes its time on a busy machine. */
const LIMIT_MS = 60_000

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-bench-table-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

function rowNamed(name: string): Row {
  const row = rows.find((one) => one.name === name)
  if (!row) throw new Error(`there is no row ${name}`)
  return row
}

function argumentsOf(...chosen: readonly Row[]): TableArguments {
  return {
    rows: chosen,
    recordSizes: [100],
    runs: 1,
    times: { warmupMs: 50, measureMs: 250, pacedRecordsPerSecond: 100, pacedMs: 250 },
    workDirectory: join(directory, 'work'),
  }
}

it(
  'measures what can be, names what cannot, and does nothing twice',
  async () => {
    const raw = { ...rowNamed('glasslog-raw'), version: async () => 'of this test' }
    const absent = { ...rowNamed('rabbitmq-quorum'), missing: async () => 'no RabbitMQ here' }
    const store = new EntryStore(join(directory, 'store'))
    mkdirSync(join(directory, 'work'))
    const lines: string[] = []
    let saved = 0
    const measure = () =>
      measureRows(
        argumentsOf(raw, absent),
        store,
        (line) => lines.push(line),
        () => saved++,
      )

    await measure()
    const ofRow = new Map(store.all().map((entry) => [entry.row, entry]))
    expect(ofRow.get('glasslog-raw')?.missing).toBeNull()
    const [run] = ofRow.get('glasslog-raw')?.runs ?? []
    expect(run?.writtenPerSecond).toBeGreaterThan(0)
    expect(run?.readPerSecond).toBeGreaterThan(0)
    expect(run?.latencyMs?.p99).toBeGreaterThan(0)
    expect(ofRow.get('rabbitmq-quorum')).toMatchObject({ missing: 'no RabbitMQ here', runs: [] })
    expect(lines.at(-1)).toBe('1/1 rabbitmq-quorum 100 B: no RabbitMQ here')
    expect(saved).toBe(2)
    expect(readdirSync(join(directory, 'work'))).toEqual([])

    await measure()
    expect(store.all().find(({ row }) => row === 'glasslog-raw')?.runs).toHaveLength(1)
  },
  LIMIT_MS,
)
