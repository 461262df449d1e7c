import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { HistoryQuery } from '../../audit/index.ts'
import {
  HistoryTrail,
  inclusionOf,
  originOf,
  planRewind,
  SigningKeyFiles,
} from '../../audit/index.ts'
import { openLogHistory } from '../../broker/control/index.ts'
import { workerJournalDevice } from '../../broker/index.ts'
import { openLogStore } from '../../broker/log/index.ts'
import {
  openRealDisk,
  seededRandom,
  silentLogger,
  systemClock,
  systemRandom,
  systemTimers,
} from '../../kit/index.ts'
import { exampleRecord } from './example-records.ts'

/**
 * How fast a large history is: `node bench/audit/main.ts DIR [RECORDS] [SECONDS]` fills DIR up to
 * that many records (for at most so long; call it again to go on), then opens it anew and measures.
 */
const [directory = './bench-audit', recordsText = '1000000', secondsText = '80'] =
  process.argv.slice(2)
const wantedRecords = Number(recordsText)

const BATCH_RECORDS = 20
const platform = {
  disk: openRealDisk(),
  journalDevice: workerJournalDevice,
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  logger: silentLogger,
}

async function open() {
  await mkdir(`${directory}/audit`, { recursive: true })
  const { store } = await openLogStore({ directory, ...platform })
  const history = await openLogHistory(store)
  const options = { history, directory: `${directory}/audit`, ...platform }
  const trail = await HistoryTrail.open(options)
  const keys = new SigningKeyFiles(options)
  const signer = await keys.create(originOf('bench'))
  trail.sign({ signer, everyRecords: 256, everyMs: 10_000 })
  const close = async (): Promise<void> => {
    await trail.stop()
    await store.close()
  }
  return { history, trail, signer, close }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const startedMs = performance.now()
  const result = await work()
  const tookMs = performance.now() - startedMs
  console.log(`${what.padEnd(46)} ${tookMs.toFixed(1).padStart(9)} ms`)
  return result
}

async function fill(): Promise<number> {
  const { history, signer, close } = await open()
  const random = seededRandom(history.nextSeq + 1)
  const endMs = performance.now() + Number(secondsText) * 1000
  const from = history.nextSeq
  const startedMs = performance.now()
  while (history.nextSeq < wantedRecords && performance.now() < endMs) {
    const first = history.nextSeq
    const records = Array.from({ length: BATCH_RECORDS }, (_, at) =>
      exampleRecord(first + at, random, signer.verifier.text),
    )
    const answer = await history.append(records)
    if (answer.kind !== 'appended') throw new Error(JSON.stringify(answer))
  }
  const count = history.nextSeq - from
  const seconds = (performance.now() - startedMs) / 1000
  if (count > 0) console.log(`filled ${count} records, ${Math.round(count / seconds)} records/s`)
  const size = history.nextSeq
  await close()
  return size
}

const QUERIES: readonly HistoryQuery[] = [
  {},
  { order: 'oldest' },
  { principal: 'User:operator-7' },
  { principal: 'nobody' },
  { operation: 'acl.create' },
  { operation: 'topic.*', outcome: 'failure' },
  { resource: 'orders-4321' },
  { resource: 'topic:orders-77', order: 'oldest' },
  { outcome: 'TOPIC_AUTHORIZATION_FAILED' },
  { outcome: 'INVALID_CONFIG' },
  { door: 'cli' },
  { door: 'http', principal: 'operator-3', outcome: 'failure' },
  { address: '10.0.3.200' },
  { fromMs: Date.UTC(2026, 0, 3), toMs: Date.UTC(2026, 0, 3, 0, 1) },
  { q: 'orders-1234' },
  { q: 'operator-17 refused' },
  { q: 'not allowed 10.0.2.99' },
  { q: 'zzzzzz' },
  { q: 'qx' },
  { q: '#' },
  { q: '9123456' },
]

async function measure(size: number): Promise<void> {
  const { trail, close } = await timed('open store, trail, state, index', open)
  for (const query of QUERIES) {
    const page = await timed(`first page of ${JSON.stringify(query)}`, () => trail.query(query))
    console.log(`  ${page.records.length} records, ${page.next === null ? 'the end' : 'more'}`)
  }
  for (const part of [0.1, 0.5, 0.77, 0.999]) {
    const seq = Math.floor(size * part)
    const state = await timed(`state after record ${seq}`, () => trail.stateAt({ seq }))
    console.log(`  ${state.size} resources`)
  }
  await timed('inclusion proof', () => inclusionOf(trail.tree, Math.floor(size / 3), size))
  const seqs = Array.from({ length: 1000 }, (_, at) => size - 1 - at)
  const records = await timed('1000 records to be undone, read', async () => {
    const found = await Promise.all(seqs.map((seq) => trail.history.read(seq, 1)))
    return found.flatMap(([entry]) => (entry ? [entry.record] : []))
  })
  const plan = await timed('plan of 1000 operations', async () =>
    planRewind({ now: trail.state, records }),
  )
  console.log(`  ${plan.steps.length} steps, ${plan.conflicts.length} conflicts`)
  const out = createWriteStream(`${directory}/export.jsonl`)
  await timed('export with proof', async () => {
    for await (const piece of trail.export()) {
      if (!out.write(piece)) await once(out, 'drain')
    }
    out.end()
    await once(out, 'finish')
  })
  console.log(`peak memory ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
  await close()
}

const size = await fill()
console.log(`${size} records`)
if (size >= wantedRecords) await measure(size)
