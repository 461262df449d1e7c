import { describe, expect, test } from 'vitest'
import type { CallFate, CrashChoice, DiskCall, SimDisk, SimTime } from '../../../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../../../kit/testing.ts'
import type { FoundRecord } from './testing.ts'
import { CompactedLog, ProcessEnded, tableOf } from './testing.ts'

const DELETE_RETENTION_MS = 20_000
/** Disks that are looked at after each crash. */
const CHOICES = 3

interface Sent extends FoundRecord {
  readonly isAborted: boolean
}

/** What was answered, and what was on its way when the process ended. */
interface Ledger {
  readonly sent: Sent[]
  inFlight: Sent[]
  /** First disk call of the first cleaning. */
  cleaningFrom: number
}

const CONFIG = { deleteRetentionMs: DELETE_RETENTION_MS, segmentBytes: 400 }
/** Two keys fit in the map: every cleaning takes several passes, with checkpoints between the groups. */
const SETTINGS = {
  mapBytes: 24 * 3,
  mapLoadFactor: 0.9,
  bufferBytes: 200,
  maxBytesPerSecond: 600,
}

function open(disk: SimDisk, time?: SimTime): Promise<CompactedLog> {
  const common = { config: CONFIG, settings: SETTINGS, disk }
  return new CompactedLog(time ? { ...common, time } : common).open()
}

/** Writes, cleans, goes on writing, cleans again when tombstones may go; a checkpoint after each. */
async function script(disk: SimDisk, time: SimTime, ledger: Ledger): Promise<void> {
  const log = await open(disk, time)
  const abortedProducer = { id: 7n, epoch: 0 }
  const append = async (records: [string, string | null][], transaction = false): Promise<void> => {
    const { endOffset } = log.log
    ledger.inFlight = records.map(([key, value], index) => ({
      key,
      value,
      offset: endOffset + index,
      isAborted: transaction,
    }))
    const producer = { ...abortedProducer, baseSequence: 0 }
    const options = transaction ? { isTransactional: true, producer } : {}
    await log.append(
      records.map(([key, value]) => ({ key, value })),
      options,
    )
    ledger.sent.push(...ledger.inFlight.splice(0))
  }
  const roll = async (): Promise<void> => {
    const offset = log.log.endOffset
    ledger.inFlight = [{ key: 'roll', value: 'roll', offset, isAborted: false }]
    await log.roll()
    ledger.sent.push(...ledger.inFlight.splice(0))
  }
  for (let i = 0; i < 10; i++) {
    await append([
      [`key-${i % 4}`, `first-${i}-${'x'.repeat(30)}`],
      [`key-${(i + 1) % 5}`, i % 5 === 0 ? null : `second-${i}`],
    ])
  }
  await append(
    [
      ['key-1', 'never'],
      ['key-2', null],
    ],
    true,
  )
  await log.mark('abort', abortedProducer)
  await roll()
  await log.checkpoint()

  ledger.cleaningFrom = disk.callCount + 1
  await log.clean()
  await log.checkpoint()
  await append([
    ['key-3', null],
    ['key-2', 'third'],
    ['key-0', null],
  ])
  await roll()
  await log.clean()
  await log.sleep(DELETE_RETENTION_MS)
  await append([['key-5', 'fourth']])
  await roll()
  await log.clean()
  await log.checkpoint()
  await log.close()
}

/** Calls take their time, so that checkpoints, flushes and cleanings are under way at once. */
function proceed({ number }: DiskCall): CallFate {
  return { kind: 'proceed', delayMs: (number % 4) * 100 }
}

async function runUntil(plan: (call: DiskCall) => CallFate): Promise<{
  readonly disk: SimDisk
  readonly ledger: Ledger
}> {
  const time = createSimTime()
  const disk = createSimDisk({ seed: 1, timers: time.timers, plan })
  const ledger: Ledger = { sent: [], inFlight: [], cleaningFrom: Infinity }
  try {
    await script(disk, time, ledger)
  } catch (error) {
    if (!(error instanceof ProcessEnded)) throw error
  }
  disk.stop()
  return { disk, ledger }
}

/** Every call of the cleanings and checkpoints at which ending the process may leave something new. */
async function stopsOfScript(): Promise<readonly { call: number; when: 'before' | 'during' }[]> {
  const calls: DiskCall[] = []
  const { ledger } = await runUntil((call) => {
    calls.push(call)
    return proceed(call)
  })
  return calls
    .filter(({ number, kind }) => number >= ledger.cleaningFrom && MUTATING_CALLS.has(kind))
    .flatMap(({ number: call, kind }) => {
      const before = { call, when: 'before' } as const
      return kind === 'write' ? [before, { call, when: 'during' } as const] : [before]
    })
}

async function expectWhole(log: CompactedLog, ledger: Ledger): Promise<void> {
  expect(log.log.state).toBe('open')
  const found = await log.recordsFrom(0)
  const known = new Map([...ledger.sent, ...ledger.inFlight].map((sent) => [sent.offset, sent]))
  for (const record of found) expect(known.get(record.offset)).toMatchObject(record)

  const committed = ledger.sent.filter((sent) => !sent.isAborted)
  const last = committed.at(-1)?.offset ?? -1
  expect(log.log.endOffset).toBeGreaterThan(last)
  const table = await log.table()
  const isLate = found.some((record) => record.offset > last)
  expect(table).toEqual(tableOf(isLate ? [...committed, ...ledger.inFlight] : committed))

  const { highWatermark } = log.log
  for (let offset = ledger.sent.length % 3; offset < highWatermark; offset += 3) {
    const rest = found.filter((record) => record.offset >= offset)
    expect(await log.recordsFrom(offset), `from ${offset}`).toEqual(rest)
  }
}

/** Every file belongs to a segment of the log. */
async function expectNoLeftovers(log: CompactedLog): Promise<void> {
  const expected = log.segmentFiles()
  const files = (await log.files()).filter((name) => name.endsWith('.log'))
  expect(files).toEqual(expected)
}

async function expectRecovery(ended: SimDisk, choice: CrashChoice, ledger: Ledger): Promise<void> {
  const disk = ended.afterCrash(choice, { seed: 2 })
  const log = await open(disk)
  await expectNoLeftovers(log)
  await expectWhole(log, ledger)
  // What a half cleaning left behind is as good as what it began with.
  await log.clean()
  await expectWhole(log, ledger)
  await log.checkpoint()
  await expectNoLeftovers(log)
  disk.stop()
  await expectWhole(await open(disk.afterCrash({ kind: 'nothing' })), ledger)
}

describe('a crash at any disk call of a cleaning', async () => {
  const stops = await stopsOfScript()
  const shards = 8

  test('there are enough of them', () => {
    expect(stops.length).toBeGreaterThan(300)
  })

  test.each(Array.from({ length: shards }, (_, shard) => shard))('shard %i', async (shard) => {
    for (const stop of stops.filter((_, index) => index % shards === shard)) {
      const { disk, ledger } = await runUntil((call) =>
        call.number === stop.call ? { kind: 'stop', when: stop.when } : proceed(call),
      )
      for (const choice of disk.crashChoices(CHOICES, stop.call)) {
        try {
          await expectRecovery(disk, choice, ledger)
        } catch (cause) {
          throw new Error(`after ${JSON.stringify({ stop, choice })}`, { cause })
        }
      }
    }
  })
})
