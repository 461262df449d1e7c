import { describe, expect, test } from 'vitest'
import type { LogConfig } from '../../../broker/log/index.ts'
import { batchHeader, encodeBatch } from '../../../protocol/index.ts'
import { brokenPromises } from './checker.ts'
import type { Loss, SentBatch } from './ledger.ts'
import { Ledger } from './ledger.ts'
import type { Observation, ObservedBatch, ObservedLog } from './observation.ts'
import { logKey } from './observation.ts'
import { settleLedger } from './settle.ts'

/** A checker that finds nothing is worth nothing: each of these logs is wrong in one way. */

const TOPIC = 'AQEBAQEBAQEBAQEBAQEBAQ'
const LOG = logKey(TOPIC, 0)
const OTHER = logKey(TOPIC, 1)

const CONFIG: LogConfig = {
  cleanup: { delete: true, compact: false },
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 1,
  segmentMs: 1,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: 0,
  minCleanableDirtyRatio: 0,
  timestampType: 'create',
  durability: 'disk',
}
const COMPACTED = { ...CONFIG, cleanup: { delete: false, compact: true } }

function ledgerOf(config = CONFIG): Ledger {
  const ledger = new Ledger()
  ledger.addTopic(
    [0, 1].map((partition) => ({
      topicId: TOPIC,
      partition,
      topicName: 'topic',
      config,
      internal: false,
    })),
  )
  ledger.seenLeaderEpoch = 1
  return ledger
}

interface Sending {
  readonly values: readonly (string | null)[]
  readonly acks?: SentBatch['acks']
  readonly answer?: SentBatch['answer']
  readonly log?: SentBatch['log']
  readonly atomicGroup?: number
  readonly key?: string
}

function send(ledger: Ledger, sending: Sending): SentBatch {
  const { values, acks = 'durable', answer = null, log = LOG, atomicGroup = null } = sending
  const records = values.map((value) => ({ key: sending.key ?? 'k', value }))
  const bytes = encodeBatch(
    records.map(({ key, value }) => ({
      timestampMs: 1,
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    })),
  )
  const number = ledger.newBatchNumber()
  const producer = null
  const state = { answer, isRecovered: false, isGone: false }
  const batch = { number, log, bytes, records, acks, atomicGroup, producer, ...state }
  ledger.addBatch(batch)
  return batch
}

function appended(baseOffset: number, count = 1): SentBatch['answer'] {
  const lastOffset = baseOffset + count - 1
  return { kind: 'appended', baseOffset, lastOffset, logAppendTimeMs: -1, logStartOffset: 0 }
}

function stored(batch: SentBatch, baseOffset: number, leaderEpoch = 1): ObservedBatch {
  const bytes = Buffer.from(batch.bytes)
  batchHeader.setBaseOffset(bytes, baseOffset)
  batchHeader.setLeaderEpoch(bytes, leaderEpoch)
  return { baseOffset, lastOffset: batchHeader.lastOffset(bytes), leaderEpoch, bytes }
}

function observed(batches: readonly ObservedBatch[], but: Partial<ObservedLog> = {}): ObservedLog {
  const endOffset = (batches.at(-1)?.lastOffset ?? -1) + 1
  return {
    state: 'open',
    logStartOffset: 0,
    highWatermark: endOffset,
    endOffset,
    leaderEpoch: 2,
    batches,
    readError: null,
    ...but,
  }
}

function seen(first: ObservedLog | null, second: ObservedLog | null = observed([])): Observation {
  const logs = new Map([
    [LOG, first],
    [OTHER, second],
  ])
  return new Map([...logs].flatMap(([key, log]) => (log ? [[key, log]] : [])))
}

function three(): { ledger: Ledger; batches: [SentBatch, SentBatch, SentBatch] } {
  const ledger = ledgerOf()
  return {
    ledger,
    batches: [
      send(ledger, { values: ['a'], answer: appended(0) }),
      send(ledger, { values: ['b', 'c'], answer: appended(1, 2), acks: 'written' }),
      send(ledger, { values: ['d'] }),
    ],
  }
}

describe('an ordinary log', () => {
  test('is in order with or without what was never promised', () => {
    const { ledger, batches } = three()
    const [a, b, c] = batches
    const all = observed([stored(a, 0), stored(b, 1), stored(c, 3)])
    expect(brokenPromises(ledger, seen(all), 'process kill')).toEqual([])
    expect(brokenPromises(ledger, seen(observed([stored(a, 0)])), 'power loss')).toEqual([])
  })

  test.each<{
    name: string
    problem: RegExp
    log: (batches: [SentBatch, SentBatch, SentBatch]) => ObservedLog | null
    loss?: Loss
  }>([
    { name: 'gone', problem: /is gone/, log: () => null },
    { name: 'short of a durable batch', problem: /lost batch 0/, log: () => observed([]) },
    {
      name: 'short of a written batch though only the process died',
      problem: /lost batch 1/,
      log: ([a]) => observed([stored(a, 0)]),
      loss: 'process kill',
    },
    {
      name: 'with a gap',
      problem: /2 where 1 should be/,
      log: ([a, , d]) => observed([stored(a, 0), stored(d, 2)]),
    },
    {
      name: 'with a batch twice',
      problem: /twice/,
      log: ([a]) => observed([stored(a, 0), stored(a, 1)]),
    },
    {
      name: 'out of order',
      problem: /after later ones/,
      log: ([a, b, d]) => observed([stored(a, 0), stored(d, 1), stored(b, 2)]),
    },
    {
      name: 'with an acknowledged batch elsewhere',
      problem: /holds batch 1 .* at 2/,
      log: ([a, b, d]) => observed([stored(a, 0), stored(d, 1), stored(b, 2)]),
    },
    {
      name: 'with changed bytes',
      problem: /nobody sent/,
      log: ([a]) => {
        const changed = stored(a, 0)
        changed.bytes.writeUInt8(255, changed.bytes.length - 2)
        return observed([changed])
      },
    },
    {
      name: 'ended before its last record',
      problem: /ends at 9/,
      log: ([a]) => observed([stored(a, 0)], { highWatermark: 9, endOffset: 9 }),
    },
    {
      name: 'open before its tail is durable',
      problem: /hidden/,
      log: ([a, b]) => observed([stored(a, 0), stored(b, 1)], { highWatermark: 1 }),
    },
    {
      name: 'cut at its start',
      problem: /never asked for/,
      log: ([, b]) => observed([stored(b, 1)], { logStartOffset: 1 }),
    },
    {
      name: 'of an epoch that was used before',
      problem: /epoch 1 after 1/,
      log: ([a]) => observed([stored(a, 0)], { leaderEpoch: 1 }),
    },
    {
      name: 'with epochs that fall',
      problem: /epoch 0 after 1/,
      log: ([a, b]) => observed([stored(a, 0, 1), stored(b, 1, 0)]),
    },
    {
      name: 'set aside',
      problem: /quarantined/,
      log: ([a]) => observed([stored(a, 0)], { state: 'quarantined' }),
    },
    {
      name: 'unreadable',
      problem: /cannot be read/,
      log: ([a]) => observed([stored(a, 0)], { readError: 'storage-error' }),
    },
  ])('$name is found out', ({ problem, log, loss = 'power loss' }) => {
    const { ledger, batches } = three()
    const problems = brokenPromises(ledger, seen(log(batches)), loss)
    expect(problems.join('\n')).toMatch(problem)
  })

  test('holds no refused batch', () => {
    const ledger = ledgerOf()
    const refused = send(ledger, { values: ['a'], answer: { kind: 'out-of-order-sequence' } })
    const problems = brokenPromises(ledger, seen(observed([stored(refused, 0)])), 'power loss')
    expect(problems.join()).toMatch(/which was refused/)
  })

  test('does not take back what readers saw', () => {
    const ledger = ledgerOf()
    send(ledger, { values: ['a'], acks: 'written', answer: appended(0) })
    ledger.log(LOG).seenHighWatermark = 1
    const problems = brokenPromises(ledger, seen(observed([])), 'power loss')
    expect(problems.join()).toMatch(/readers had seen 1/)
    expect(problems.join()).toMatch(/lost batch 0/)
  })

  test('keeps what an earlier recovery showed, though nobody was answered', () => {
    const ledger = ledgerOf()
    const batch = send(ledger, { values: ['a'] })
    settleLedger(ledger, seen(observed([stored(batch, 0)])))
    expect(brokenPromises(ledger, seen(observed([])), 'power loss').join()).toMatch(/lost batch 0/)
  })
})

test('a batch that a recovery did not have must not come back', () => {
  const ledger = ledgerOf()
  const batch = send(ledger, { values: ['a'] })
  settleLedger(ledger, seen(observed([])))
  const back = seen(observed([stored(batch, 0)]))
  expect(brokenPromises(ledger, back, 'power loss').join()).toMatch(/which was refused/)
})

test('half of an atomic append is found out', () => {
  const ledger = ledgerOf()
  const group = ledger.newGroup()
  const first = send(ledger, { values: ['a'], atomicGroup: group })
  const second = send(ledger, { values: ['b'], atomicGroup: group, log: OTHER })
  const both = seen(observed([stored(first, 0)]), observed([stored(second, 0)]))
  expect(brokenPromises(ledger, both, 'power loss')).toEqual([])
  const half = seen(observed([stored(first, 0)]))
  expect(brokenPromises(ledger, half, 'power loss').join()).toMatch(/1 of 2 of the atomic/)
})

test('trims and drops that were undone are found out', () => {
  const { ledger, batches } = three()
  const log = ledger.log(LOG)
  log.trimsAsked.add(1)
  log.trimDone = 1
  const all = seen(observed([stored(batches[0], 0)]))
  expect(brokenPromises(ledger, all, 'power loss').join()).toMatch(/trim to 1 undone/)
  const topic = ledger.topics.get(TOPIC)
  if (topic) topic.dropped = 'done'
  expect(brokenPromises(ledger, all, 'power loss').join()).toMatch(/was dropped and is back/)
})

describe('a compacted log', () => {
  function compacted(): { ledger: Ledger; old: SentBatch; latest: SentBatch; gone: SentBatch } {
    const ledger = ledgerOf(COMPACTED)
    return {
      ledger,
      old: send(ledger, { key: 'x', values: ['x1'], answer: appended(0) }),
      latest: send(ledger, { key: 'x', values: ['x2'], answer: appended(1) }),
      gone: send(ledger, { key: 'y', values: ['y1', null], answer: appended(2, 2) }),
    }
  }

  test('may lose superseded records and deleted keys', () => {
    const { ledger, latest } = compacted()
    const log = observed([stored(latest, 1)], { highWatermark: 4, endOffset: 4 })
    expect(brokenPromises(ledger, seen(log), 'power loss')).toEqual([])
  })

  test('keeps the latest record of a key, where it was', () => {
    const { ledger, old, latest } = compacted()
    const end = { highWatermark: 4, endOffset: 4 }
    const stale = seen(observed([stored(old, 0)], end))
    expect(brokenPromises(ledger, stale, 'power loss').join()).toMatch(/x is x1, must be x2/)
    const moved = seen(observed([stored(latest, 2)], end))
    expect(brokenPromises(ledger, moved, 'power loss').join()).toMatch(/holds x2 at 2, was 1/)
    const short = seen(observed([stored(latest, 1)]))
    expect(brokenPromises(ledger, short, 'power loss').join()).toMatch(/ends at 2, offset 3/)
  })

  test('brings no deleted key back', () => {
    const { ledger, latest } = compacted()
    const back = send(ledger, { key: 'y', values: ['y1'] })
    ledger.log(LOG).sent.pop()
    const log = observed([stored(latest, 1), stored(back, 2)], { highWatermark: 4, endOffset: 4 })
    expect(brokenPromises(ledger, seen(log), 'power loss').join()).toMatch(
      /y is y1, must be a tomb/,
    )
  })
})
