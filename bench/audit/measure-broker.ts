import { readFileSync } from 'node:fs'
import type { BrokerOn } from './broker-on.ts'
import { startBrokerOn } from './broker-on.ts'
import { EXAMPLE_QUERIES, parametersOf } from './example-queries.ts'
import { megabytes, timed } from './stopwatch.ts'

/** How often each query is asked: the first may find nothing in memory, later ones do. */
const ROUNDS = 3

/** A whole broker on the directory: start, memory, queries and export as whoever asks over HTTP sees them. */
export async function measureBroker(directory: string): Promise<void> {
  const broker = await startBrokerOn(directory)
  try {
    console.log(`start ${Math.round(broker.startMs)} ms`)
    await broker.ask('GET /healthz')
    printMemory('after the start', broker.pid)
    await measureQueries(broker)
    printMemory('after the queries', broker.pid)
    await timed('GET /v1/audit/state', async () => (await broker.ask('GET /v1/audit/state')).text())
    printMemory('after the state', broker.pid)
    for (const format of ['jsonl', 'ocsf']) {
      await timed(`GET /v1/audit/export?format=${format}`, () => exportAll(broker, format))
      printMemory(`after the export as ${format}`, broker.pid)
    }
  } finally {
    await broker.stop()
  }
}

async function measureQueries(broker: BrokerOn): Promise<void> {
  const tookMs: number[] = []
  for (const query of EXAMPLE_QUERIES) {
    const took: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const startedMs = performance.now()
      await (await broker.ask(`GET /v1/audit?${parametersOf(query)}`)).text()
      took.push(performance.now() - startedMs)
    }
    tookMs.push(...took)
    const shown = took.map((ms) => ms.toFixed(0)).join(', ')
    console.log(`first page of ${JSON.stringify(query).padEnd(60)} ${shown} ms`)
  }
  console.log(`slowest first page ${Math.max(...tookMs).toFixed(0)} ms`)
}

async function exportAll(broker: BrokerOn, format: string): Promise<void> {
  const { body } = await broker.ask(`GET /v1/audit/export?format=${format}`)
  let sizeBytes = 0
  if (body) for await (const piece of body) sizeBytes += piece.length
  console.log(`  ${megabytes(sizeBytes)}`)
}

/** What is resident now, and the most that ever was, of which files and anonymous memory. */
function printMemory(when: string, pid: number): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): string => {
    const kilobytes = Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
    return megabytes(kilobytes * 1024)
  }
  console.log(
    `memory ${when}: ${of('VmRSS')} (anonymous ${of('RssAnon')}, shared ${of('RssShmem')}, files ${of('RssFile')}), peak ${of('VmHWM')}`,
  )
}
