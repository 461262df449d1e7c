import { describe, expect, it } from 'vitest'
import type { Disk } from '../../kit/index.ts'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { CrashChoice, SimDisk, SimTime } from '../../kit/testing.ts'
import { createSimDisk, createSimTime, MUTATING_CALLS } from '../../kit/testing.ts'
import type { Handed, HistoryOperation, HistoryPort, PlacedOperation } from './operation.ts'
import { HistoryRejection } from './operation.ts'
import { Outbox } from './outbox.ts'

const PATH = 'monitor/outbox.jsonl'

/** A history by the broker's rules: of each outbox it takes only what is above what it has. */
class History implements HistoryPort {
  readonly records: PlacedOperation[] = []
  readonly outboxes = new Map<string, number>()
  isAway = false
  /** Ends with the connection instead of an answer, after the records are kept. */
  isCutOff = false
  calls = 0

  async hand(outboxId: string, operations: readonly PlacedOperation[]) {
    this.calls++
    if (this.isAway) throw new Error('connect ECONNREFUSED')
    const results = new Map<number, Handed>()
    if (operations.some(({ operation }) => operation === 'garbled'))
      throw new HistoryRejection('HTTP 400')
    for (const one of operations) {
      const isKnown = one.position <= (this.outboxes.get(outboxId) ?? 0)
      if (!isKnown && one.operation !== 'unknown') this.records.push(one)
      this.outboxes.set(outboxId, Math.max(one.position, this.outboxes.get(outboxId) ?? 0))
      const seq = isKnown ? null : this.records.length
      results.set(
        one.position,
        one.operation === 'unknown'
          ? { kind: 'refused', message: 'no such operation' }
          : { kind: 'recorded', seq },
      )
    }
    if (this.isCutOff) throw new Error('socket hang up')
    return results
  }

  get names(): string[] {
    return this.records.map(({ id }) => id)
  }
}

function operation(id: string, code = 'silence.create'): HistoryOperation {
  const who = { onBehalfOf: 'User:kim', occurredAtMs: 1_000 }
  return { id, operation: code, resource: id, ...who, before: null, after: { comment: id } }
}

function open(disk: Disk, history: HistoryPort, time: SimTime): Promise<Outbox> {
  const { timers } = time
  const platform = { disk, timers, random: seededRandom(1), logger: silentLogger }
  return Outbox.open(platform, PATH, history)
}

async function started() {
  const time = createSimTime()
  const disk = createSimDisk()
  const history = new History()
  return { time, disk, history, outbox: await open(disk, history, time) }
}

describe('the outbox', () => {
  it('tells the history at once, with who did it and when', async () => {
    const { outbox, history, time } = await started()
    await outbox.add(operation('a'))
    await time.settle()
    expect(history.records).toEqual([{ ...operation('a'), position: 1 }])
    expect(outbox.resultOf('a')).toEqual({ kind: 'recorded', seq: 1 })
    expect(outbox.waitingCount).toBe(0)
  })

  it('keeps what happens while the broker is away, over a restart, and tells it in order', async () => {
    const { outbox, disk, history, time } = await started()
    history.isAway = true
    for (const id of ['a', 'b', 'c']) await outbox.add(operation(id))
    await time.advance(3_600_000)
    expect(history.records).toEqual([])
    await outbox.close()
    const again = await open(disk, history, time)
    await again.add(operation('d'))
    expect(again.waitingCount).toBe(4)
    history.isAway = false
    await time.advance(2_000)
    expect(history.names).toEqual(['a', 'b', 'c', 'd'])
    expect(history.records.map(({ position }) => position)).toEqual([1, 2, 3, 4])
    expect(history.outboxes.size).toBe(1)
    expect(again.waitingCount).toBe(0)
  })

  it('tells nothing twice when the answer is lost, or when the same is added again', async () => {
    const { outbox, history, time } = await started()
    history.isCutOff = true
    await outbox.add(operation('a'))
    await time.advance(10_000)
    history.isCutOff = false
    await time.advance(2_000)
    await outbox.add(operation('a'))
    await time.settle()
    expect(history.names).toEqual(['a'])
    expect(outbox.resultOf('a')).toEqual({ kind: 'recorded', seq: null })
  })

  it('goes on behind an operation that the history refuses, or that it cannot read', async () => {
    const { outbox, history, time } = await started()
    history.isAway = true
    await outbox.add(operation('a'))
    await outbox.add(operation('b', 'unknown'))
    await outbox.add(operation('c', 'garbled'))
    await outbox.add(operation('d'))
    history.isAway = false
    await time.advance(10_000)
    expect(history.names).toEqual(['a', 'd'])
    expect(outbox.resultOf('b')).toEqual({ kind: 'refused', message: 'no such operation' })
    expect(outbox.resultOf('c')).toMatchObject({ kind: 'refused' })
  })

  it('hands over no more at once than the broker takes', async () => {
    const { outbox, history, time } = await started()
    history.isAway = true
    for (let n = 0; n < 250; n++) await outbox.add(operation(`o${n}`))
    history.isAway = false
    history.calls = 0
    await time.advance(2_000)
    expect(history.records).toHaveLength(250)
    expect(history.calls).toBe(3)
  })

  it('refuses more than it can keep', async () => {
    const { outbox, history } = await started()
    history.isAway = true
    for (let n = 0; n < 10_000; n++) await outbox.add(operation(`o${n}`))
    expect(outbox.isFull).toBe(true)
    await expect(outbox.add(operation('one more'))).rejects.toThrow('wait for the broker')
  })

  it('stays small on disk', async () => {
    const { outbox, disk, time } = await started()
    for (let n = 0; n < 3_000; n++) await outbox.add(operation(`o${n}`))
    await time.settle()
    await outbox.close()
    const file = await disk.open(PATH, 'read')
    expect(await file.size()).toBeLessThan(400_000)
  })

  it('leaves no timer behind', async () => {
    const { outbox, time } = await started()
    await outbox.close()
    expect(time.pendingTimers).toBe(0)
  })
})

const CHOICES: readonly CrashChoice[] = [
  { kind: 'process-kill' },
  { kind: 'nothing' },
  { kind: 'random', seed: 9, keepPercent: 50, unit: 'sector' },
]

describe('an outbox that is killed', () => {
  it('loses and repeats nothing that was added, at any call to the disk', async () => {
    const calls = await killedAt(null)
    expect(calls.total).toBeGreaterThan(10)
    for (let at = 1; at <= calls.total; at++) {
      for (const when of ['before', 'during', 'after'] as const) {
        for (const choice of CHOICES) {
          const { added, names } = await killedAt({ at, when, choice })
          const told = JSON.stringify({ at, when, choice, names })
          expect(new Set(names).size, told).toBe(names.length)
          for (const id of added) expect(names, told).toContain(id)
        }
      }
    }
  })
})

/** Four operations with a broker that comes and goes; then the process is gone, and another one goes on. */
async function killedAt(
  kill: { at: number; when: 'before' | 'during' | 'after'; choice: CrashChoice } | null,
) {
  const time = createSimTime()
  const history = new History()
  const disk: SimDisk = createSimDisk({ seed: 3 })
  let total = 0
  disk.plan = ({ kind }) => {
    if (!MUTATING_CALLS.has(kind) || ++total !== kill?.at) return { kind: 'proceed' }
    return { kind: 'stop', when: kill.when }
  }
  const added: string[] = []
  const run = async () => {
    const outbox = await open(disk, history, time)
    for (const id of ['a', 'b', 'c', 'd']) {
      history.isAway = id === 'b'
      history.isCutOff = id === 'c'
      await outbox.add(operation(id))
      added.push(id)
      await time.advance(2_000)
    }
    history.isCutOff = false
    await time.advance(2_000)
  }
  await Promise.race([run(), time.advance(30_000)])
  await time.settle()
  history.isAway = false
  history.isCutOff = false
  const left = kill === null ? disk : disk.afterCrash(kill.choice)
  const { names } = history
  if (kill !== null) {
    await open(left, history, time)
    await time.advance(10_000)
    return { total, added, names: history.names }
  }
  return { total, added, names }
}
