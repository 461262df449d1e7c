/**
 * `npm run test:interop`: clients that we did not write meet a broker. Starts the broker, runs every
 * client's scenario a few at a time, lets all of them read what the others wrote, and prints the table.
 */

import type { Against, Arguments } from './harness/arguments.ts'
import { parseArguments, usage } from './harness/arguments.ts'
import type { BrokerUnderTest } from './harness/broker.ts'
import { attachTo, startGlasslog, startKafka } from './harness/broker.ts'
import { endAllChildren } from './harness/child.ts'
import type { Client, ClientCommand } from './harness/roster.ts'
import type { Run } from './harness/run-client.ts'
import { logFileOf, prefixOf, runCrossRead, runScenario } from './harness/run-client.ts'
import type { StepResult } from './harness/steps.ts'
import type { Column } from './harness/table.ts'
import { countResults, renderTable } from './harness/table.ts'
import { whatIsMissing } from './harness/toolchains.ts'
import { codecs, createScenarioTopics } from './harness/topics.ts'

/** Clients mostly wait, for rebalances and for virtual machines to start, so two cores carry three. */
const CLIENTS_AT_A_TIME = 3
const HOUR_MS = 3_600_000
/** Keeps the first records away from the hour after which a broker may call a timestamp wrong. */
const AGE_MS = HOUR_MS / 2

type Prepared = { readonly client: Client; readonly command: ClientCommand }
type Unprepared = { readonly client: Client; readonly missingTool: string }

async function main(): Promise<number> {
  const options = argumentsOrUsage()
  if (!options) return 64
  const prepared = await prepareAll(options.clients)
  const ready = prepared.filter((entry): entry is Prepared => 'command' in entry)
  const missing = prepared.filter((entry): entry is Unprepared => 'missingTool' in entry)

  const broker = await startBroker(options.against)
  console.log(`broker: ${broker.name} at ${broker.bootstrap}`)
  const run = { bootstrap: broker.bootstrap, ...identify() }
  const columns: Column[] = []
  try {
    const results = await inLanes(ready, (entry) => firstPhase(run, entry))
    columns.push(...(await inLanes(ready, (entry) => secondPhase(run, entry, results))))
  } finally {
    await broker.stop()
  }

  columns.push(...missing.map((entry) => ({ ...entry, results: [] })))
  columns.sort((a, b) => options.clients.indexOf(a.client) - options.clients.indexOf(b.client))
  const counts = countResults(columns)
  console.log(`\n${renderTable(columns)}\n`)
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return counts.failed > 0 || (options.requireAll && missing.length > 0) ? 1 : 0
}

function argumentsOrUsage(): Arguments | null {
  try {
    return parseArguments(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    return null
  }
}

function identify(): Pick<Run, 'id' | 'baseTimeMs'> {
  const nowMs = Date.now()
  return { id: nowMs.toString(36), baseTimeMs: nowMs - AGE_MS }
}

function startBroker(against: Against): Promise<BrokerUnderTest> {
  if (against.kind === 'glasslog') return startGlasslog()
  if (against.kind === 'kafka') return startKafka(`tools-${against.release}`)
  return Promise.resolve(attachTo(against.bootstrap))
}

/** Fetches and builds clients one after the other, as most share a package manager and its lock. */
async function prepareAll(clients: readonly Client[]): Promise<readonly (Prepared | Unprepared)[]> {
  const prepared: (Prepared | Unprepared)[] = []
  for (const client of clients) {
    const missing = await Promise.all(client.tools.map(whatIsMissing))
    const missingTool = missing.find((answer) => answer !== null)
    if (missingTool) prepared.push({ client, missingTool })
    else prepared.push({ client, command: await client.prepare() })
  }
  return prepared
}

/** Maps items with a bounded number under way, keeping their order in the result. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length)
  const queue = items.entries()
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: CLIENTS_AT_A_TIME }, lane))
  return results
}

type FirstPhase = { readonly client: Client; readonly results: readonly StepResult[] }

async function firstPhase(run: Run, { client, command }: Prepared): Promise<FirstPhase> {
  const startedMs = performance.now()
  if (!client.createsTopics) await createScenarioTopics(run.bootstrap, prefixOf(run, client.name))
  const results = await runScenario(run, client.name, command)
  report(client, startedMs, results)
  return { client, results }
}

async function secondPhase(
  run: Run,
  { client, command }: Prepared,
  all: readonly FirstPhase[],
): Promise<Column> {
  const startedMs = performance.now()
  const own = all.find((entry) => entry.client === client)?.results ?? []
  const readable = codecs.filter((codec) => isOk(own, codec) && !client.cannotRead?.[codec])
  const topics = new Map<string, number>()
  for (const writer of all) {
    if (writer.client === client || writer.client.writesFormat === null) continue
    for (const codec of readable.filter((name) => isOk(writer.results, name)))
      topics.set(
        `${prefixOf(run, writer.client.name)}.roundtrip.${codec}`,
        writer.client.writesFormat,
      )
  }
  const result = await runCrossRead(run, client.name, command, topics)
  report(client, startedMs, [result])
  return { client, results: [...own, result] }
}

function isOk(results: readonly StepResult[], codec: (typeof codecs)[number]): boolean {
  return results.some((result) => result.name === `roundtrip-${codec}` && result.status === 'ok')
}

function report(client: Client, startedMs: number, results: readonly StepResult[]): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  const count = (status: string): number => results.filter((step) => step.status === status).length
  console.log(`${client.name}: ${count('ok')} ok, ${count('fail')} failed in ${seconds} s`)
  const failures = results.filter((step) => step.status === 'fail')
  for (const [detail, group] of Map.groupBy(failures, (step) => step.detail))
    console.log(`  FAIL ${group.map((step) => step.name).join(', ')}: ${detail}`)
  if (failures.length > 0) console.log(`  see ${logFileOf(client.name)}`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endAllChildren()
    process.exit(1)
  })
process.once('exit', endAllChildren)

process.exitCode = await main()
