import { describe, expect, it } from 'vitest'
import { seededRandom, silentLogger } from '../../kit/index.ts'
import type { SimDisk } from '../../kit/testing.ts'
import { createSimDisk, createSimTime } from '../../kit/testing.ts'
import { parseCheckpoint } from '../checkpoint/checkpoint.ts'
import { AUDIT_KEY_RESOURCE, KEY_ROTATION, rotatedKey } from '../checkpoint/key-chain.ts'
import { signerFromSeed } from '../checkpoint/note-keys.ts'
import { isSignedBy } from '../checkpoint/signed-note.ts'
import type { History } from '../history.ts'
import { HistoryError } from '../history.ts'
import { createMemoryHistory } from '../memory-history.ts'
import {
  consistencyProof,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from '../merkle/proofs.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryFold } from '../state/history-fold.ts'
import { exampleRecord } from '../testing.ts'
import { verifyExport } from '../verify/verify-export.ts'
import type { SigningOptions } from './history-trail.ts'
import { HistoryTrail, originOf } from './history-trail.ts'
import { MomentError, parseMoment } from './moment.ts'

const ORIGIN = originOf('cluster-1')
const signer = signerFromSeed(ORIGIN, seededRandom(1).bytes(32))
const nextSigner = signerFromSeed(ORIGIN, seededRandom(2).bytes(32))

const first = exampleRecord(0, {
  operation: 'cluster.create',
  resource: { kind: 'cluster', name: 'cluster-1', id: 'cluster-1' },
  after: { clusterId: 'cluster-1', auditKey: signer.verifier.text },
})

function records(from: number, to: number): HistoryRecord[] {
  return Array.from({ length: to - from }, (_, index) => {
    const seq = from + index
    if (seq === 0) return first
    const name = `topic-${seq % 50}`
    return exampleRecord(seq, {
      resource: { kind: 'topic', name, id: name },
      after: seq % 7 === 0 ? null : { name, seq },
    })
  })
}

class Setting {
  readonly time = createSimTime()
  disk: SimDisk = createSimDisk()
  readonly history: History = createMemoryHistory()

  open(signing: Partial<SigningOptions> | null = {}): Promise<HistoryTrail> {
    const { timers } = this.time
    const options = { history: this.history, directory: '/data/audit', disk: this.disk }
    return HistoryTrail.open({ ...options, timers, logger: silentLogger }).then((trail) => {
      if (signing) trail.sign({ signer, everyRecords: 100, everyMs: 10_000, ...signing })
      return trail
    })
  }

  append(count: number): Promise<unknown> {
    const from = this.history.nextSeq
    return this.history.append(records(from, from + count))
  }
}

const verified = async (trail: HistoryTrail, from = 0) =>
  verifyExport(trail.export(from), { key: signer.verifier })

describe('checkpoints of a trail', () => {
  it('are signed after so many records, after some time, and at the end', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    const sizes = async (): Promise<number[]> => {
      const found: number[] = []
      for await (const { size } of trail.checkpointsAfter(0)) found.push(size)
      return found
    }
    await setting.append(99)
    await setting.time.settle()
    expect(await sizes()).toEqual([])
    await setting.append(1)
    await setting.time.settle()
    expect(await sizes()).toEqual([100])
    await setting.append(5)
    await setting.time.advance(10_000)
    expect(await sizes()).toEqual([100, 105])
    await setting.time.advance(60_000)
    expect(await sizes()).toEqual([100, 105])
    await setting.append(1)
    expect((await trail.checkpointNow())?.size).toBe(106)
    await setting.append(1)
    await trail.stop()
    const again = await setting.open(null)
    expect(again.lastCheckpoint?.size).toBe(107)
    await again.stop()
  })

  it('say what the tree and the state are, under the key of record 0', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    await setting.append(40)
    const checkpoint = await trail.checkpointNow()
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: 40, stateHash: trail.state.hash() })
    expect(checkpoint?.root).toEqual(trail.tree.root())
    expect(checkpoint && isSignedBy(checkpoint.note, signer.verifier)).toBe(true)
    await trail.stop()
  })

  it('go on after a restart, and all of them belong together', async () => {
    const setting = new Setting()
    for (const count of [130, 1, 250]) {
      const trail = await setting.open()
      await setting.append(count)
      await trail.stop()
    }
    const trail = await setting.open()
    expect(await verified(trail)).toMatchObject({ verdict: 'sound', size: 381, checkpoints: 3 })
    expect(await verified(trail, 131)).toMatchObject({ verdict: 'sound', from: 131, size: 381 })
    await trail.stop()
  })

  it('pass to another key with the record of the rotation', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    await setting.append(10)
    await trail.checkpointNow()
    const rotation = exampleRecord(10, {
      operation: KEY_ROTATION,
      resource: AUDIT_KEY_RESOURCE,
      after: rotatedKey(signer, nextSigner.verifier),
    })
    await setting.history.append([rotation])
    expect((await trail.checkpointNow())?.size).toBe(10)
    trail.useKey(nextSigner)
    const checkpoint = await trail.checkpointNow()
    expect(checkpoint?.size).toBe(11)
    expect(checkpoint && isSignedBy(checkpoint.note, nextSigner.verifier)).toBe(true)
    await setting.append(5)
    expect(await verified(trail)).toMatchObject({ verdict: 'sound', keyRotations: [10] })
    await trail.stop()
  })

  it('are not lost, and contradict nothing, wherever the power fails', async () => {
    const setting = new Setting()
    await setting.disk.makeDirectory('/data')
    await setting.disk.syncDirectory('/')
    const trail = await setting.open({ everyRecords: 3 })
    for (let round = 0; round < 8; round++) {
      await setting.append(2)
      await setting.time.settle()
    }
    const known: string[] = []
    for await (const { text } of trail.checkpointsAfter(0)) known.push(text)
    expect(known.length).toBeGreaterThan(3)
    for (const choice of setting.disk.crashChoices(40, 5)) {
      const after = new Setting()
      await after.history.append(records(0, 16))
      after.disk = setting.disk.afterCrash(choice)
      const again = await after.open()
      expect(await verified(again)).toMatchObject({ verdict: 'sound', size: 16 })
      const kept: string[] = []
      for await (const { text } of again.checkpointsAfter(0)) kept.push(text)
      expect(kept.slice(0, known.length)).toEqual(known)
      await again.stop()
    }
    await trail.stop()
  })
})

describe('a trail that contradicts its history', () => {
  it('is not opened when the history is shorter than what was signed', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    await setting.append(20)
    await trail.stop()
    const cut = new Setting()
    cut.disk = setting.disk
    await cut.append(19)
    await expect(cut.open()).rejects.toThrow(HistoryError)
  })

  it('is not opened when the records are others, once the files are gone that were made of them', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    await setting.append(20)
    await trail.stop()
    await setting.disk.remove('/data/audit/derived-1')
    const other = new Setting()
    other.disk = setting.disk
    await other.history.append(records(0, 20).with(7, exampleRecord(7, { reason: 'forged' })))
    await expect(other.open()).rejects.toThrow('not those that the checkpoint was signed over')
  })

  it('finds all again when only the checkpoints are left', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    await setting.append(300)
    await trail.stop()
    await setting.disk.remove('/data/audit/derived-1')
    const again = await setting.open()
    expect(await verified(again)).toMatchObject({ verdict: 'sound', size: 300 })
    await again.stop()
  })
})

describe('proofs of a trail', () => {
  it('hold under the signed root', async () => {
    const setting = new Setting()
    const trail = await setting.open()
    await setting.append(700)
    const checkpoint = parseCheckpoint((await trail.checkpointNow())?.text ?? '')
    const { size, root } = checkpoint
    for (const seq of [0, 255, 256, 511, 699]) {
      const path = await inclusionProof(trail.tree, seq, size)
      expect(verifyInclusion(await trail.tree.leaf(seq), seq, size, path, root)).toBe(true)
    }
    const old = await trail.tree.rootAt(300)
    const path = await consistencyProof(trail.tree, 300, size)
    expect(verifyConsistency(300, size, old, root, path)).toBe(true)
    await trail.stop()
  })
})

describe('the past', () => {
  const setting = new Setting()
  const opened = (async () => {
    const trail = await setting.open({ everyRecords: 5_000 })
    // Large enough for a full segment of the index and for snapshots.
    for (let round = 0; round < 20; round++) await setting.append(500)
    await setting.time.settle()
    return trail
  })()

  const foldOf = (seq: number): HistoryFold => {
    const fold = new HistoryFold()
    for (const record of records(0, seq + 1)) fold.apply(record)
    return fold
  }

  it('is as it was observed, by sequence number and by time', async () => {
    const trail = await opened
    for (const seq of [0, 1, 77, 4_999, 8_191, 8_192, 9_999]) {
      const expected = foldOf(seq)
      const content = [...expected.entries()]
      expect([...(await trail.stateAt({ seq })).entries()].sort(byKey)).toEqual(content.sort(byKey))
      const timeMs = seq * 1000 + 500
      expect(await trail.seqAt({ timeMs })).toBe(seq)
    }
  })

  it('is found again after a restart', async () => {
    await opened
    const again = await setting.open(null)
    expect(again.state.hash()).toBe(foldOf(9_999).hash())
    expect([...(await again.stateAt({ seq: 6_000 })).entries()].length).toBe(foldOf(6_000).size)
    const page = await again.query({ resource: 'topic-3', limit: 2 })
    expect(page.records.map(({ seq }) => seq)).toEqual([9_953, 9_903])
    await again.stop()
  })

  it('has a beginning and an end', async () => {
    const trail = await opened
    await expect(trail.stateAt({ seq: 10_000 })).rejects.toThrow(MomentError)
    await expect(trail.stateAt({ timeMs: -1 })).rejects.toThrow(MomentError)
    await expect(trail.stateAt({ timeMs: 1e15 })).resolves.toMatchObject({ seq: 9_999 })
  })

  const byKey = (one: { key: string }, other: { key: string }): number =>
    one.key < other.key ? -1 : 1
})

describe('a moment', () => {
  it.each([
    ['0', { seq: 0 }],
    ['123', { seq: 123 }],
    ['1970-01-01T00:00:01Z', { timeMs: 1000 }],
    ['1970-01-01t01:00:01.5+01:00', { timeMs: 1500 }],
  ])('%s', (text, moment) => {
    expect(parseMoment(text)).toEqual(moment)
  })

  it.each(['', '-1', '1.5', 'yesterday', '2026-01-31', '2026-13-01T00:00:00Z', '9'.repeat(16)])(
    'is not %j',
    (text) => {
      expect(() => parseMoment(text)).toThrow(MomentError)
    },
  )
})
