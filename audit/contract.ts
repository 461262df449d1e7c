import { describe, expect, it } from 'vitest'
import { encodeRecord } from './codec.ts'
import type { History } from './history.ts'
import type { HistoryRecord } from './record.ts'
import { exampleRecord } from './testing.ts'

/** What every engine of the History port keeps to. `create` gives an empty history. */
export function describeHistory(name: string, create: () => Promise<History>): void {
  const records = (from: number, count: number): HistoryRecord[] =>
    Array.from({ length: count }, (_, index) => exampleRecord(from + index))

  describe(`${name}: the history contract`, () => {
    it('begins empty', async () => {
      const history = await create()
      expect(history.nextSeq).toBe(0)
      expect(await history.read(0, 10)).toEqual([])
    })

    it('reads back what was appended, with the bytes that were stored', async () => {
      const history = await create()
      expect(await history.append(records(0, 2))).toEqual({ kind: 'appended' })
      expect(await history.append(records(2, 1))).toEqual({ kind: 'appended' })
      expect(history.nextSeq).toBe(3)
      const entries = await history.read(0, 10)
      expect(entries.map(({ record }) => record)).toEqual(records(0, 3))
      for (const { record, bytes } of entries) {
        expect(Buffer.from(bytes)).toEqual(encodeRecord(record))
      }
    })

    it('reads from the middle, at most what was asked for', async () => {
      const history = await create()
      await history.append(records(0, 5))
      const seqs = async (from: number, limit: number): Promise<number[]> =>
        (await history.read(from, limit)).map(({ record }) => record.seq)
      expect(await seqs(1, 2)).toEqual([1, 2])
      expect(await seqs(4, 2)).toEqual([4])
      expect(await seqs(5, 2)).toEqual([])
      expect(await seqs(0, 0)).toEqual([])
    })

    it('hands over the bytes of the same records, in order and at most as many', async () => {
      const history = await create()
      await history.append(records(0, 5))
      const scanned: (readonly [number, Buffer])[] = []
      const scan = async (from: number, limit: number): Promise<number> => {
        scanned.length = 0
        // The bytes are the history's again afterwards.
        return history.scan(from, limit, (bytes, seq) => scanned.push([seq, Buffer.from(bytes)]))
      }
      for (const [from, limit] of [
        [0, 10],
        [1, 2],
        [4, 2],
      ] as const) {
        const entries = await history.read(from, limit)
        expect(await scan(from, limit)).toBe(entries.length)
        expect(scanned).toEqual(
          entries.map(({ record, bytes }) => [record.seq, Buffer.from(bytes)]),
        )
      }
      expect(await scan(5, 2)).toBe(0)
      expect(await scan(0, 0)).toBe(0)
    })

    it('refuses records that do not follow its end, and keeps none of them', async () => {
      const history = await create()
      await history.append(records(0, 2))
      for (const seq of [0, 1, 3]) {
        const answer = await history.append(records(seq, 2))
        expect(answer).toEqual({ kind: 'unexpected-seq', nextSeq: 2 })
      }
      expect(history.nextSeq).toBe(2)
    })

    it('keeps a call of many large records together', async () => {
      const history = await create()
      const request = 'x'.repeat(20_000)
      const large = records(0, 30).map((record) => ({ ...record, request }))
      expect(await history.append(large)).toEqual({ kind: 'appended' })
      const seen: HistoryRecord[] = []
      while (seen.length < history.nextSeq) {
        const entries = await history.read(seen.length, 100)
        expect(entries.length).toBeGreaterThan(0)
        seen.push(...entries.map(({ record }) => record))
      }
      expect(seen).toEqual(large)
    })

    it('tells subscribers of each append, until they stop', async () => {
      const history = await create()
      const seen: number[] = []
      const stop = history.subscribe((appended) =>
        seen.push(...appended.map(({ record }) => record.seq)),
      )
      await history.append(records(0, 2))
      await history.append(records(0, 1))
      await history.append([])
      stop()
      await history.append(records(2, 1))
      expect(seen).toEqual([0, 1])
    })
  })
}
