import type { Prepared } from './prepare.ts'
import type { Client } from './roster.ts'
import type { Run } from './run-client.ts'
import { logFileOf, prefixOf, runCrossRead, runScenario } from './run-client.ts'
import type { StepResult } from './steps.ts'
import { allFailed, crossReadStep } from './steps.ts'
import type { Column } from './table.ts'
import { codecs, createScenarioTopics } from './topics.ts'

/** Clients mostly wait, for rebalances and for virtual machines to start, so two cores carry three. */
const CLIENTS_AT_A_TIME = 3

/** Runs all scenarios, then lets every client read what the others wrote. One column a client. */
export async function runPhases(
  run: Run,
  clients: readonly Prepared[],
): Promise<readonly Column[]> {
  const written = await inLanes(clients, (prepared) => firstPhase(run, prepared))
  return await inLanes(clients, (prepared) => secondPhase(run, prepared, written))
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

async function firstPhase(run: Run, prepared: Prepared): Promise<Column> {
  const startedMs = performance.now()
  const results = await scenarioResults(run, prepared)
  report(prepared.client, startedMs, results)
  return { client: prepared.client, results }
}

async function scenarioResults(
  run: Run,
  { client, command }: Prepared,
): Promise<readonly StepResult[]> {
  try {
    if (!client.createsTopics) await createScenarioTopics(run.bootstrap, prefixOf(run, client.name))
    return await runScenario(run, client.name, command)
  } catch (error) {
    return allFailed(String(error)).filter((result) => result.name !== crossReadStep)
  }
}

async function secondPhase(
  run: Run,
  { client, command }: Prepared,
  written: readonly Column[],
): Promise<Column> {
  const startedMs = performance.now()
  const own = written.find((column) => column.client === client)?.results ?? []
  const topics = topicsToRead(run, client, own, written)
  const result = await runCrossRead(run, client.name, command, topics)
  report(client, startedMs, [result])
  return { client, results: [...own, result] }
}

/** What the others wrote with codecs that this client has shown to know, with its message format. */
function topicsToRead(
  run: Run,
  reader: Client,
  own: readonly StepResult[],
  written: readonly Column[],
): ReadonlyMap<string, number> {
  const topics = new Map<string, number>()
  const readable = codecs.filter((codec) => wrote(own, codec) && !reader.cannotRead?.[codec])
  for (const { client: writer, results } of written) {
    if (writer === reader || writer.writesFormat === null) continue
    for (const codec of readable.filter((candidate) => wrote(results, candidate)))
      topics.set(`${prefixOf(run, writer.name)}.roundtrip.${codec}`, writer.writesFormat)
  }
  return topics
}

function wrote(results: readonly StepResult[], codec: (typeof codecs)[number]): boolean {
  return results.some(({ name, status }) => name === `roundtrip-${codec}` && status === 'ok')
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
