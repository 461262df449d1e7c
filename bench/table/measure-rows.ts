import { measureFdatasync } from '../measure/fdatasync.ts'
import { whole } from '../report/figures.ts'
import { describeMachine } from '../report/machine.ts'
import { describeConfinement } from '../target/confinement.ts'
import { runToEnd } from '../target/run-to-end.ts'
import { withTarget } from '../target/with-target.ts'
import type { TableArguments } from './arguments.ts'
import type { Entry, EntryConditions } from './entry.ts'
import type { EntryStore } from './entry-store.ts'
import type { Row } from './row.ts'

const SYNC_TIMEOUT_MS = 120_000

/**
 * Measures every row once, then again until there are enough runs, so that the machine's moods meet
 * all of them alike. Calls `onSaved` after each change of the store.
 */
export async function measureRows(
  args: TableArguments,
  store: EntryStore,
  print: (line: string) => void,
  onSaved: () => void,
): Promise<void> {
  const absent = new Map<string, string | null>()
  for (const row of args.rows) absent.set(row.name, await row.missing())
  const fdatasync = measureFdatasync(args.workDirectory)
  for (let wanted = 1; wanted <= args.runs; wanted++) {
    for (const recordBytes of args.recordSizes) {
      for (const row of args.rows) {
        const conditions = await conditionsOf(row, args, absent.get(row.name) ?? null)
        const entry = store.find(row.name, recordBytes, conditions) ?? {
          row: row.name,
          recordBytes,
          conditions,
          fdatasync,
          command: '',
          missing: absent.get(row.name) ?? null,
          runs: [],
        }
        if (entry.runs.length >= wanted) continue
        const saved = entry.missing === null ? await addRun(row, entry, args) : entry
        store.save(saved)
        onSaved()
        print(`${wanted}/${args.runs} ${row.name} ${recordBytes} B: ${describe(saved)}`)
      }
    }
  }
}

/** One run on a fresh broker, after the disk has taken whatever the run before left in memory. */
async function addRun(row: Row, entry: Entry, args: TableArguments): Promise<Entry> {
  await row.client.prepare()
  await runToEnd(['sync'], SYNC_TIMEOUT_MS)
  const at = new Date().toISOString()
  return withTarget(
    () => row.start(args.workDirectory),
    async (broker) => {
      const figures = await row.client.run(broker, entry.recordBytes, args.times)
      return { ...entry, command: broker.command, runs: [...entry.runs, { at, ...figures }] }
    },
  )
}

async function conditionsOf(
  row: Row,
  { times }: TableArguments,
  missing: string | null,
): Promise<EntryConditions> {
  return {
    settings: row.settings,
    client: row.client.description,
    version: missing === null ? await row.version() : 'missing',
    machine: describeMachine(),
    confinement: describeConfinement(),
    times,
  }
}

function describe({ missing, runs }: Entry): string {
  const last = runs.at(-1)
  if (!last) return missing ?? 'nothing'
  const latency = last.latencyMs ? `, p99 ${last.latencyMs.p99.toFixed(2)} ms` : ''
  return `${whole(last.writtenPerSecond)} records/s written, ${whole(last.readPerSecond)} read${latency}`
}
