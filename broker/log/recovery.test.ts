import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, marker, spec, TOPIC_A, TOPIC_B, valuesIn } from './contract.ts'
import { LogStoreError } from './errors.ts'
import { inlineJournalDevice } from './journal/inline-device.ts'
import { openLogStore } from './open-log-store.ts'
import type { AppendResult, PartitionLog } from './port.ts'
import { SimulatedLogStore } from './testing.ts'

let world: SimulatedLogStore

beforeEach(async () => {
  world = await SimulatedLogStore.create()
})
afterEach(() => world.dispose())

async function logOf(topicId: string, partition = 0): Promise<PartitionLog> {
  await world.store.create([spec(topicId, partition)])
  const log = world.store.find(topicId, partition)
  if (log === undefined) throw new Error('no log')
  return log
}

async function append(log: PartitionLog, ...values: string[]): Promise<AppendResult | undefined> {
  const [result] = await world.store.append([{ log, batch: batchOf(values) }], { acks: 'durable' })
  return result
}

async function readAll(log: PartitionLog): Promise<string[]> {
  const values: string[] = []
  for (let offset = log.logStartOffset; offset < log.highWatermark; offset += 1) {
    const request = { log, offset, maxBytes: 1 }
    const result = await world.store.read([request], {
      maxBytes: 1,
      atLeastOne: true,
      isolation: 'uncommitted',
    })
    const [read] = result.partitions
    if (read?.kind !== 'records') return [...values, read?.kind === 'failed' ? read.reason : '?']
    values.push(...valuesIn(read.pieces))
    result.release()
  }
  return values
}

/** Turns bits of a file around where `needle` stands in it. */
async function damage(path: string, needle: string, from = 0): Promise<void> {
  const file = await world.disk.open(path, 'write')
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0)
  const at = bytes.indexOf(needle)
  if (at < 0) throw new Error(`no ${needle} in ${path}`)
  bytes[at + from] = (bytes[at + from] ?? 0) ^ 0xff
  await file.write([bytes.subarray(at + from, at + from + 1)], at + from)
  await file.sync()
  await file.close()
}

async function journalWith(needle: string): Promise<string> {
  for (const name of await world.disk.list('/data/journal')) {
    const path = `/data/journal/${name}`
    const file = await world.disk.open(path, 'read')
    const bytes = Buffer.alloc(await file.size())
    await file.read(bytes, 0)
    await file.close()
    if (bytes.includes(needle)) return path
  }
  throw new Error(`no journal file has ${needle}`)
}

/** From the value of a one-record batch back to the header of its frame: batch header, entry, and into the frame's header. */
const TO_FRAME_HEADER = -(61 + 7 + 40 + 20)

/** Ends the process, lets `change` loose on what is on the disk, and opens the store again. */
async function crashAnd(change: () => Promise<void>): Promise<void> {
  world.disk.stop()
  world.disk = world.disk.afterCrash({ kind: 'everything' }, { timers: world.time.timers })
  await change()
  await world.open()
}

describe('a close that runs out of time', () => {
  it('leaves to the next start what it did not sync', async () => {
    await world.dispose()
    world = await SimulatedLogStore.create({ limits: { closeTimeoutMs: 1_000 } })
    const numbers = Array.from({ length: 40 }, (_, number) => number)
    for (const number of numbers) await append(await logOf(TOPIC_A, number), `${number}`)
    await world.advance(30_000)
    expect(world.store.stats).toMatchObject({
      checkpointCount: 1,
      hotWindow: { unwrittenBytes: 0 },
    })
    world.disk.plan = ({ kind, path }) => {
      const isSlow = kind === 'sync' && path.endsWith('.log')
      return { kind: 'proceed', delayMs: isSlow ? 700 : 0 }
    }
    const closing = world.store.close()
    await world.advance(1_000)
    await closing
    await world.advance(10_000)
    await world.crash()
    expect(world.opened.recovery.quarantined).toEqual([])
    for (const number of numbers) {
      expect(await readAll(await logOf(TOPIC_A, number))).toEqual([`${number}`])
    }
  })
})

describe('the journal after a crash', () => {
  it('ends at a torn frame that nobody called durable', async () => {
    const log = await logOf(TOPIC_A)
    await append(log, 'first')
    await append(log, 'second')
    await append(log, 'third')
    await crashAnd(async () => damage(await journalWith('third'), 'third'))
    expect(await readAll(await logOf(TOPIC_A))).toEqual(['first', 'second'])
    expect(world.opened.recovery).toMatchObject({ replayedBatches: 2, quarantined: [] })
    expect(await append(await logOf(TOPIC_A), 'anew')).toMatchObject({ baseOffset: 2 })
    await world.crash()
    expect(await readAll(await logOf(TOPIC_A))).toEqual(['first', 'second', 'anew'])
  })

  it('is not needed any more once it was replayed, whatever a later checkpoint covers', async () => {
    const log = await logOf(TOPIC_A)
    await append(log, 'first')
    await append(log, 'second')
    await world.crash()
    await world.advance(55_000)
    expect(await append(await logOf(TOPIC_A), 'third')).toMatchObject({ baseOffset: 2 })
    // A checkpoint comes by time, before the last batch is in a segment.
    await world.advance(8_000)
    expect(world.store.stats.checkpointCount).toBe(2)
    expect(world.store.stats.hotWindow.unwrittenBytes).toBeGreaterThan(0)
    await world.crash()
    expect(world.opened.recovery.replayedFrames).toBe(1)
    expect(await readAll(await logOf(TOPIC_A))).toEqual(['first', 'second', 'third'])
  })

  it('counts sound frames behind the torn one, and forgets them', async () => {
    const log = await logOf(TOPIC_A)
    await append(log, 'first')
    const pending = [append(log, 'second'), append(log, 'third')]
    await Promise.all(pending)
    await crashAnd(async () => damage(await journalWith('second'), 'second'))
    expect(world.opened.recovery).toMatchObject({ tornFrames: 1, replayedBatches: 1 })
    expect(await readAll(await logOf(TOPIC_A))).toEqual(['first'])
  })

  it('quarantines only the log whose durable batch is damaged', async () => {
    const broken = await logOf(TOPIC_A)
    const sound = await logOf(TOPIC_B)
    await append(broken, 'early')
    await append(broken, 'broken batch')
    await append(sound, 'sound')
    await append(sound, 'last')
    await crashAnd(async () => damage(await journalWith('broken batch'), 'broken batch'))
    expect(world.opened.recovery.quarantined).toMatchObject([{ topicId: TOPIC_A, partition: 0 }])
    expect(await readAll(await logOf(TOPIC_B))).toEqual(['sound', 'last'])
    const log = await logOf(TOPIC_A)
    expect(log.state).toBe('quarantined')
    expect(await append(log, 'more')).toEqual({ kind: 'failed', reason: 'storage-error' })
    const names = await world.disk.list(`/data/quarantine/${TOPIC_A}-0`)
    expect(names).toEqual(['journal.batches', 'reason.txt'])
    await world.restart()
    expect((await logOf(TOPIC_A)).state).toBe('quarantined')
    await world.store.drop(TOPIC_A)
    expect(await append(await logOf(TOPIC_A), 'fresh')).toMatchObject({ baseOffset: 0 })
  })

  it('finds the segments of a log whose topic was dropped and made again', async () => {
    await append(await logOf(TOPIC_A), 'old')
    await world.advance(90_000)
    await world.store.drop(TOPIC_A)
    const log = await logOf(TOPIC_A)
    for (let n = 0; n < 3; n++) {
      await append(log, `new ${n}`)
      await world.advance(60_000)
    }
    await world.crash()
    expect(world.opened.recovery.quarantined).toEqual([])
    expect(await readAll(await logOf(TOPIC_A))).toEqual(['new 0', 'new 1', 'new 2'])
  })

  it('refuses to open when the header of a durable frame is damaged', async () => {
    const log = await logOf(TOPIC_A)
    await append(log, 'headless')
    await append(log, 'second')
    await append(log, 'third')
    const opening = crashAnd(async () =>
      damage(await journalWith('headless'), 'headless', TO_FRAME_HEADER),
    )
    await expect(opening).rejects.toMatchObject({ name: 'LogStoreError', reason: 'corrupt' })
  })

  it('refuses to open when a journal file in use lost its header', async () => {
    const log = await logOf(TOPIC_A)
    for (let i = 0; i < 4; i++) await append(log, `value ${i}`)
    const opening = crashAnd(async () => damage(await journalWith('value 0'), 'GLJN'))
    await expect(opening).rejects.toMatchObject({ reason: 'corrupt' })
  })

  it('replays more than the hot window holds', async () => {
    const log = await logOf(TOPIC_A)
    const values = Array.from({ length: 120 }, (_, i) => `${i}`.padEnd(3000, '.'))
    for (const value of values) {
      let isDone = false
      void append(log, value).then(() => {
        isDone = true
      })
      for (await world.advance(0); !isDone; await world.advance(100));
    }
    await world.crash()
    expect(await readAll(await logOf(TOPIC_A))).toEqual(values)
  })
})

describe('a checkpoint that is ahead of the segments', () => {
  it('does not count producers and transactions twice', async () => {
    await world.dispose()
    const limits = { flushIntervalMs: 3_600_000, checkpointIntervalMs: 1_000 }
    world = await SimulatedLogStore.create({ limits })
    const log = await logOf(TOPIC_A)
    const send = (target: PartitionLog, baseSequence: number) => {
      const batch = batchOf(['x'], { producer: { id: 9n, epoch: 0, baseSequence } })
      return world.store.append([{ log: target, batch }], { acks: 'durable' })
    }
    for (let sequence = 0; sequence < 5; sequence++) await send(log, sequence)
    const producer = { id: 8n, epoch: 0, baseSequence: 0 }
    const batch = batchOf(['t'], { producer, transactional: true })
    await world.store.append([{ log, batch }], { acks: 'durable' })
    await world.store.append([{ log, batch: marker('abort', 8n, 0) }], { acks: 'durable' })
    await world.advance(5_000)
    expect(world.store.stats).toMatchObject({ checkpointCount: 2, segments: 0 })
    await world.crash()
    expect(world.opened.recovery.replayedBatches).toBe(7)
    const again = await logOf(TOPIC_A)
    expect(await send(again, 0)).toMatchObject([{ kind: 'duplicate', baseOffset: 0 }])
    const limitsOfRead = { maxBytes: 1e6, atLeastOne: true, isolation: 'committed' as const }
    const result = await world.store.read([{ log: again, offset: 0, maxBytes: 1e6 }], limitsOfRead)
    expect(result.partitions).toMatchObject([
      { abortedTransactions: [{ producerId: 8n, firstOffset: 5 }] },
    ])
    result.release()
  })
})

describe('files after a crash', () => {
  it('quarantines a log of which a durable segment is missing', async () => {
    await append(await logOf(TOPIC_A), 'lost')
    await append(await logOf(TOPIC_B), 'kept')
    await world.restart()
    await crashAnd(async () => {
      await world.disk.remove(`/data/topics/${TOPIC_A}/0/00000000000000000000.log`)
    })
    expect(world.opened.recovery.quarantined).toMatchObject([{ topicId: TOPIC_A }])
    expect(await readAll(await logOf(TOPIC_B))).toEqual(['kept'])
  })

  it('moves directories that it does not know out of the way', async () => {
    await append(await logOf(TOPIC_A), 'mine')
    await crashAnd(async () => {
      await world.disk.makeDirectory('/data/topics/BBBBBBBBBBBBBBBBBBBBBQ/3')
    })
    expect(world.opened.recovery.unknownDirectories).toEqual([
      '/data/topics/BBBBBBBBBBBBBBBBBBBBBQ',
    ])
    expect(await world.disk.exists('/data/quarantine/BBBBBBBBBBBBBBBBBBBBBQ/3')).toBe(true)
  })

  it('builds an index anew that is missing or does not make sense', async () => {
    const values = Array.from({ length: 80 }, (_, i) => `value ${i}`.padEnd(150, '.'))
    const log = await logOf(TOPIC_A)
    for (const value of values) await append(log, value)
    await world.restart()
    const directory = `/data/topics/${TOPIC_A}/0`
    const indexes = (await world.disk.list(directory)).filter((name) => name.endsWith('.index'))
    expect(indexes.length).toBeGreaterThan(2)
    await crashAnd(async () => {
      await world.disk.remove(`${directory}/${indexes[0]}`)
      const file = await world.disk.open(`${directory}/${indexes[1]}`, 'write')
      await file.write([Buffer.alloc(48, 7)], 0)
      await file.close()
    })
    const again = await logOf(TOPIC_A)
    expect(await readAll(again)).toEqual(values)
    expect(await world.store.findByTime(again, 1000)).toMatchObject({ offset: 0 })
  })

  it('brings back thousands of logs', async () => {
    const specs = Array.from({ length: 2000 }, (_, partition) => spec(TOPIC_A, partition))
    await world.store.create(specs)
    const entries = specs.map(({ partition }) => {
      const log = world.store.find(TOPIC_A, partition)
      if (log === undefined) throw new Error('no log')
      return { log, batch: batchOf([`p${partition}`]) }
    })
    for (let i = 0; i < entries.length; i += 100) {
      const results = world.store.append(entries.slice(i, i + 100), { acks: 'durable' })
      await world.advance(30_000)
      await results
    }
    await world.restart()
    expect(world.opened.recovery).toMatchObject({ partitions: 2000, replayedFrames: 0 })
    await world.crash()
    expect(await readAll(await logOf(TOPIC_A, 1999))).toEqual(['p1999'])
  })
})

describe('the data directory', () => {
  const openAgain = (): Promise<unknown> =>
    openLogStore({
      directory: '/data',
      disk: world.disk,
      clock: world.time.clock,
      timers: world.time.timers,
      logger: {
        debug() {},
        info() {},
        warn() {},
        error() {},
        child() {
          return this
        },
      },
      journalDevice: inlineJournalDevice(world.disk),
    })

  async function overwrite(path: string, bytes: Buffer, position: number): Promise<void> {
    const file = await world.disk.open(path, 'write')
    await file.write([bytes], position)
    await file.sync()
    await file.close()
  }

  it('belongs to one process', async () => {
    await expect(openAgain()).rejects.toMatchObject({ reason: 'in-use' })
  })

  it.each([
    [
      'the directory',
      '/data/format.json',
      Buffer.from('{"format":"glasslog-log","version":2}\n'),
      0,
    ],
    ['the checkpoint', '/data/checkpoint', Buffer.from([0, 0, 0, 99]), 4],
  ])('is refused when a newer program wrote %s', async (_what, path, bytes, position) => {
    await world.store.close()
    await overwrite(path, bytes, position)
    const error = await openAgain().then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(LogStoreError)
    expect(error).toMatchObject({ reason: 'newer-format' })
  })

  it('is refused when the checkpoint is damaged or gone', async () => {
    await append(await logOf(TOPIC_A), 'x')
    await world.store.close()
    await overwrite('/data/checkpoint', Buffer.from('damage'), 40)
    await expect(openAgain()).rejects.toMatchObject({ reason: 'corrupt' })
    await world.disk.remove('/data/checkpoint')
    await expect(openAgain()).rejects.toMatchObject({ reason: 'corrupt' })
  })

  it('is refused when the checkpoint is gone and only the journal has records', async () => {
    await append(await logOf(TOPIC_A), 'x')
    const opening = crashAnd(() => world.disk.remove('/data/checkpoint'))
    await expect(opening).rejects.toMatchObject({ reason: 'corrupt' })
  })
})
