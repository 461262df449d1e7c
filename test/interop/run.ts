/**
 * `npm run test:interop`: clients that we did not write meet a broker. Starts the broker, runs every
 * client's scenario a few at a time, lets all of them read what the others wrote, and prints the table.
 * Then clients log in to a second broker by every mechanism, and report their metrics to a third.
 */

import { runClientMetrics } from './client-metrics/run-client-metrics.ts'
import type { Against, Arguments } from './harness/arguments.ts'
import { parseArguments, usage } from './harness/arguments.ts'
import type { BrokerUnderTest } from './harness/broker.ts'
import { attachTo, startGlasslog, startKafka } from './harness/broker.ts'
import { endAllChildren } from './harness/child.ts'
import { runPhases } from './harness/phases.ts'
import type { Prepared, Unprepared } from './harness/prepare.ts'
import { prepareAll } from './harness/prepare.ts'
import type { Run } from './harness/run-client.ts'
import type { Column, Counts } from './harness/table.ts'
import { countResults, renderTable } from './harness/table.ts'
import { runLogins } from './logins/run-logins.ts'

const HOUR_MS = 3_600_000
/** Keeps the first records away from the hour after which a broker may call a timestamp wrong. */
const AGE_MS = HOUR_MS / 2

async function main(): Promise<number> {
  const options = argumentsOrUsage()
  if (!options) return 64
  const scenarios = options.clients.length > 0 ? await runScenarios(options) : NOTHING_RUN
  const logins =
    options.logins.length > 0
      ? await runLogins((client) => options.logins.includes(client))
      : NOTHING_RUN.counts
  const reports =
    options.reporting.length > 0
      ? await runClientMetrics((client) => options.reporting.includes(client))
      : NOTHING_RUN.counts
  const parts = [scenarios.counts, logins, reports]
  const sum = (of: keyof Counts): number => parts.reduce((total, part) => total + part[of], 0)
  const counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  // Nothing of the logins and reports is left out but for a missing toolchain.
  const isMissing = scenarios.isMissing || logins.skipped > 0 || reports.skipped > 0
  return counts.failed > 0 || (options.requireAll && isMissing) ? 1 : 0
}

interface Ran {
  readonly counts: Counts
  /** Whether a toolchain is missing. */
  readonly isMissing: boolean
}

const NOTHING_RUN: Ran = { counts: { passed: 0, failed: 0, skipped: 0 }, isMissing: false }

async function runScenarios(options: Arguments): Promise<Ran> {
  const prepared = await prepareAll(options.clients)
  const ready = prepared.filter((entry): entry is Prepared => 'command' in entry)
  const unprepared = prepared.filter((entry): entry is Unprepared => 'column' in entry)

  const broker = await startBroker(options.against)
  console.log(`broker: ${broker.name} at ${broker.bootstrap}`)
  const columns: Column[] = unprepared.map((entry) => entry.column)
  try {
    columns.push(...(await runPhases(newRun(broker.bootstrap), ready)))
  } finally {
    await broker.stop()
  }

  columns.sort((a, b) => options.clients.indexOf(a.client) - options.clients.indexOf(b.client))
  console.log(`\n${renderTable(columns)}\n`)
  const isMissing = columns.some((column) => column.missingTool !== undefined)
  return { counts: countResults(columns), isMissing }
}

function argumentsOrUsage(): Arguments | null {
  try {
    return parseArguments(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    return null
  }
}

function startBroker(against: Against): Promise<BrokerUnderTest> {
  if (against.kind === 'glasslog') return startGlasslog()
  if (against.kind === 'kafka') return startKafka(`tools-${against.release}`)
  return Promise.resolve(attachTo(against.bootstrap))
}

function newRun(bootstrap: string): Run {
  const nowMs = Date.now()
  return { bootstrap, id: nowMs.toString(36), baseTimeMs: nowMs - AGE_MS }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endAllChildren()
    process.exit(1)
  })
process.once('exit', endAllChildren)

process.exitCode = await main()
