import { beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { checkpointText, parseCheckpoint } from '../checkpoint/checkpoint.ts'
import { signNote } from '../checkpoint/signed-note.ts'
import { encodeRecord } from '../codec.ts'
import {
  exportToBuffer,
  firstRecord,
  recordLine,
  rotationRecord,
  signedHistory,
  testKey,
} from '../proof/testing.ts'
import type { HistoryRecord } from '../record.ts'
import { exampleRecord } from '../testing.ts'
import type { VerifyOptions } from './history-verifier.ts'
import { verifyExport } from './verify-export.ts'
import type { VerifyReport } from './verify-report.ts'

/** Whatever somebody does to an export, the verifier finds it and names the record. */

const key = testKey(1)
const nextKey = testKey(2)
const stranger = testKey(3)

const RECORDS: readonly HistoryRecord[] = [
  firstRecord(key),
  exampleRecord(1),
  exampleRecord(2, { after: null, outcome: { code: 'INVALID_CONFIG', message: 'Größe' } }),
  rotationRecord(3, key, nextKey),
  exampleRecord(4),
  exampleRecord(5),
  exampleRecord(6),
]
const SIGNED = [
  { size: 2, key },
  { size: 3, key },
  { size: 7, key: nextKey },
]
const history = signedHistory(RECORDS, SIGNED)

const verify = (bytes: Buffer, options: Partial<VerifyOptions> = {}): Promise<VerifyReport> =>
  verifyExport([bytes], { key: key.verifier, ...options })

/** An export whose header names the key that was valid where it begins. */
const exportUnderKeys = (from: number, until?: number): Promise<Buffer> => {
  const header: typeof history.header = async (at) => ({
    ...(await history.header(at)),
    key: (at > 3 ? nextKey : key).verifier.text,
  })
  return exportToBuffer({ ...history, header }, from, until)
}

let sound: Buffer
/** Lines of the sound export: the header, records 0 and 1, a checkpoint, record 2 ... */
let lines: string[]

beforeAll(async () => {
  sound = await exportToBuffer(history)
  lines = sound.toString().split('\n').slice(0, -1)
})

const joined = (changed: readonly string[]): Buffer => Buffer.from(`${changed.join('\n')}\n`)
const lineOf = (seq: number): number => lines.findIndex((line) => line.includes(`"seq":${seq},`))

describe('a sound export', () => {
  it('is found sound, under any of its keys', async () => {
    for (const verifier of [key.verifier, nextKey.verifier]) {
      expect(await verify(sound, { key: verifier })).toMatchObject({
        verdict: 'sound',
        tampering: null,
        from: 0,
        size: 7,
        checkpoints: 3,
        stateHashesChecked: 3,
        keyRotations: [3],
        clockSteps: 0,
      })
    }
  })

  it('is read in pieces of any size', async () => {
    const pieces = Array.from(sound, (byte) => Buffer.of(byte))
    expect((await verifyExport(pieces, { key: key.verifier })).verdict).toBe('sound')
  })

  it('may begin in the middle', async () => {
    for (const from of [1, 2, 4, 6]) {
      const bytes = await exportUnderKeys(from)
      const report = await verify(bytes, { key: nextKey.verifier })
      expect(report).toMatchObject({ verdict: 'sound', from, size: 7, stateHash: null })
    }
  })

  it('agrees with checkpoints from outside', async () => {
    const outside = history.notes.map(parseCheckpoint)
    expect(await verify(sound, { outside })).toMatchObject({
      verdict: 'sound',
      outsideCheckpoints: 3,
    })
  })

  it('without a record shows nothing, but for what a checkpoint from outside says', async () => {
    const outside = history.notes.map(parseCheckpoint)
    for (const from of [0, 2, 3, 5, 7]) {
      const bytes = await exportUnderKeys(from, from)
      const options = { key: (from > 3 ? nextKey : key).verifier }
      const report = { tampering: null, from, size: from, checkpoints: 0 }
      expect(await verify(bytes, options)).toMatchObject({ verdict: 'empty', ...report })
      const one = outside.filter(({ size }) => size === from)
      const smaller = outside.filter(({ size }) => size < from)
      const verdict = one.length > 0 ? 'sound' : 'empty'
      expect(await verify(bytes, { ...options, outside: [...smaller, ...one] })).toMatchObject({
        ...{ verdict, outsideCheckpoints: one.length },
        ...report,
      })
      const larger = outside.filter(({ size }) => size > from)
      const cut = larger.length > 0 ? 'tampered' : 'empty'
      expect((await verify(bytes, { ...options, outside: larger })).verdict).toBe(cut)
      // The tree before it is the header's own word, which a checkpoint from outside can refute.
      const forged = Buffer.from(bytes.toString().replace(/"edge":\["..../, '"edge":["AAAA'))
      const refuted = one.length > 0 ? 'tampered' : 'empty'
      expect((await verify(forged, { ...options, outside: one })).verdict).toBe(refuted)
    }
  })

  it('tells when the clock was set back', async () => {
    const times = [firstRecord(key), exampleRecord(1, { recordedAt: '1969-01-01T00:00:00.000Z' })]
    const bytes = await exportToBuffer(signedHistory(times, [{ size: 2, key }]))
    expect(await verify(bytes)).toMatchObject({ verdict: 'sound', clockSteps: 1 })
  })
})

describe('an export that was tampered with', () => {
  it('is found whichever byte was changed', async () => {
    const random = seededRandom(9)
    const missed: string[] = []
    for (let at = 0; at < sound.length; at++) {
      const changed = Buffer.from(sound)
      changed[at] = (sound[at] ?? 0) ^ (1 + random.below(255))
      const { verdict } = await verify(changed)
      if (verdict !== 'tampered') missed.push(`byte ${at}: ${verdict}`)
    }
    expect(missed).toEqual([])
  })

  it('names the record whose bytes were changed', async () => {
    for (const { seq } of RECORDS) {
      const at = lineOf(seq)
      const changed = lines.with(at, lines[at]?.replace('127.0.0.1', '127.0.0.2') ?? '')
      expect(await verify(joined(changed))).toMatchObject({
        verdict: 'tampered',
        tampering: { seq },
      })
    }
  })

  it('names the first record that is in doubt when hashes were made to fit', async () => {
    const bytes = encodeRecord(exampleRecord(5, { after: { name: 'forged' } }))
    const forged = recordLine(bytes)
    expect(await verify(joined(lines.with(lineOf(5), forged)))).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 3, reason: expect.stringContaining('records 3 to 6') },
    })
  })

  it('names the record that is missing, whichever it is', async () => {
    for (const { seq } of RECORDS) {
      const changed = lines.toSpliced(lineOf(seq), 1)
      const report = await verify(joined(changed))
      // The last record of a tree is missed when its checkpoint comes too early.
      const isLast = SIGNED.some(({ size }) => size === seq + 1)
      expect(report.verdict).toBe('tampered')
      if (!isLast) expect(report.tampering?.seq).toBe(seq)
      else expect(report.tampering?.seq).toBeLessThanOrEqual(seq)
    }
  })

  it('names the place where a record was put in', async () => {
    for (const { seq } of RECORDS) {
      const at = lineOf(seq)
      const changed = lines.toSpliced(at, 0, lines[at] ?? '')
      expect((await verify(joined(changed))).verdict).toBe('tampered')
    }
    const extra = encodeRecord(exampleRecord(1))
    const line = recordLine(extra)
    const changed = lines.toSpliced(lineOf(4), 0, line)
    expect(await verify(joined(changed))).toMatchObject({ tampering: { seq: 4 } })
  })

  it('names the first of two records that changed places', async () => {
    for (let seq = 0; seq < 6; seq++) {
      const [one, other] = [lineOf(seq), lineOf(seq + 1)]
      const changed = lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '')
      expect(await verify(joined(changed))).toMatchObject({
        verdict: 'tampered',
        tampering: { seq },
      })
    }
  })

  it('is found wherever it was cut off', async () => {
    for (let end = 0; end < sound.length; end += 7) {
      const { verdict } = await verify(sound.subarray(0, end))
      expect(verdict).not.toBe('sound')
    }
  })

  it('names the first record that is missing at the end', async () => {
    const changed = lines.slice(0, lineOf(6))
    expect(await verify(joined(changed))).toMatchObject({ tampering: { seq: 6 } })
  })

  it('is found when a checkpoint is missing at the end, twice there, or of another size', async () => {
    const last = lines.findLastIndex((line) => line.startsWith('{"checkpoint"'))
    const first = lines.findIndex((line) => line.startsWith('{"checkpoint"'))
    for (const changed of [
      lines.toSpliced(last, 1),
      lines.toSpliced(first, 0, lines[first] ?? ''),
      lines.with(last, lines[first] ?? ''),
      [...lines, lines[last] ?? ''],
      [...lines, ...lines],
    ]) {
      expect((await verify(joined(changed))).verdict).toBe('tampered')
    }
  })
})

describe('a history that was written anew', () => {
  const changed = RECORDS.with(1, exampleRecord(1, { after: { name: 'forged' } }))

  it('and signed with another key is found', async () => {
    const forged = signedHistory(
      changed,
      SIGNED.map(({ size }) => ({ size, key: stranger })),
    )
    expect(await verify(await exportToBuffer(forged))).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 0 },
    })
  })

  it('from its first record on, with another key, is found', async () => {
    const own = [firstRecord(stranger), ...changed.slice(1, 3)]
    const forged = signedHistory(own, [{ size: 3, key: stranger }])
    expect(await verify(await exportToBuffer(forged))).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 0, reason: expect.stringContaining('never signed with the key') },
    })
  })

  it('with a rotation that the old key never signed is found', async () => {
    const rotated = RECORDS.with(3, rotationRecord(3, stranger, nextKey))
    const forged = signedHistory(rotated, SIGNED)
    expect(await verify(await exportToBuffer(forged))).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 3 },
    })
  })

  it('by the owner of its key is found against a checkpoint that somebody else kept', async () => {
    const forged = await exportToBuffer(signedHistory(changed, SIGNED))
    expect((await verify(forged)).verdict).toBe('sound')
    const outside = [parseCheckpoint(history.notes[0] ?? '')]
    expect(await verify(forged, { outside })).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 0, reason: expect.stringContaining('signed over other records') },
    })
  })

  it('without its tail is found against a checkpoint that somebody else kept', async () => {
    const cut = await exportToBuffer(signedHistory(RECORDS.slice(0, 3), SIGNED.slice(0, 2)))
    expect((await verify(cut)).verdict).toBe('sound')
    const outside = history.notes.map(parseCheckpoint)
    expect(await verify(cut, { outside })).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 3, reason: expect.stringContaining('missing') },
    })
  })

  it('that folds to another state than was signed is found', async () => {
    const wrong = signedHistory(RECORDS, SIGNED)
    const other = signedHistory(
      RECORDS.with(1, exampleRecord(1, { after: { name: 'other' } })),
      SIGNED,
    )
    const state = parseCheckpoint(other.notes[0] ?? '').stateHash
    const { root, size, origin } = parseCheckpoint(wrong.notes[0] ?? '')
    const text = signNote(checkpointText({ origin, size, root, stateHash: state }), [key])
    const at = lines.findIndex((line) => line.startsWith('{"checkpoint"'))
    const report = await verify(joined(lines.with(at, JSON.stringify({ checkpoint: text }))))
    expect(report).toMatchObject({
      verdict: 'tampered',
      tampering: { seq: 0, reason: expect.stringContaining('fold to the state') },
    })
  })
})

describe('what is no export', () => {
  it.each(['', '\n', 'hello\n', '{"a":1}\n', '{"records":[]}\n'])(
    '%j is unreadable',
    async (text) => {
      expect((await verify(Buffer.from(text))).verdict).toBe('unreadable')
    },
  )

  it('is one of a later version', async () => {
    const later = sound.toString().replace('"version":1', '"version":2')
    expect(await verify(Buffer.from(later))).toMatchObject({
      verdict: 'unreadable',
      tampering: { reason: expect.stringContaining('version 2') },
    })
  })
})

describe('a large export', () => {
  it('is found tampered at sampled bytes, and the record is named', async () => {
    const count = 2000
    const records = Array.from({ length: count }, (_, seq) =>
      seq === 0 ? firstRecord(key) : exampleRecord(seq),
    )
    const sizes = Array.from({ length: count / 100 }, (_, index) => ({
      size: (index + 1) * 100,
      key,
    }))
    const large = await exportToBuffer(signedHistory(records, sizes))
    expect((await verify(large)).verdict).toBe('sound')
    const random = seededRandom(11)
    for (let sample = 0; sample < 40; sample++) {
      const at = large.indexOf('\n') + 1 + random.below(large.length - large.indexOf('\n') - 1)
      const changed = Buffer.from(large)
      changed[at] = (large[at] ?? 0) ^ (1 + random.below(255))
      const report = await verify(changed)
      expect(report.verdict).toBe('tampered')
      const lineStart = large.lastIndexOf('\n', at - 1) + 1
      const line = large.toString('utf8', lineStart, large.indexOf('\n', at))
      const seq = /^\{"leaf".*"seq":(\d+),/.exec(line)?.[1]
      if (seq !== undefined) expect(report.tampering?.seq).toBe(Number(seq))
    }
  })
})
