import { describe, expect, it } from 'vitest'
import { encodeRecord } from '../codec.ts'
import type { HistoryReader } from '../history.ts'
import { HistoryError } from '../history.ts'
import { createMemoryHistory } from '../memory-history.ts'
import { exampleRecord } from '../testing.ts'
import { exportEvents } from './export-events.ts'
import { formatEvent } from './format-event.ts'

/** So many that they are formatted on a thread of its own. */
const COUNT = 6_000
const ORIGIN = 'glasslog/c'

const records = Array.from({ length: COUNT }, (_, seq) =>
  exampleRecord(seq, { reason: seq % 7 === 0 ? 'wegen Ausfalls – 停電 🦕\nzweite Zeile' : 'x' }),
)
const stored = records.map(encodeRecord)

async function textOf(history: HistoryReader, from: number, end: number): Promise<string> {
  const pieces: Uint8Array[] = []
  const source = { history, origin: ORIGIN }
  for await (const piece of exportEvents(source, 'cloudevents', from, end)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

describe('an export of many events', () => {
  const history = createMemoryHistory(stored)

  it('is the same as that of few, all in order', async () => {
    const expected = records.map((record) => `${formatEvent('cloudevents', record, ORIGIN)}\n`)
    expect(await textOf(history, 0, COUNT)).toBe(expected.join(''))
    expect(await textOf(history, 17, COUNT)).toBe(expected.slice(17).join(''))
    expect(await textOf(history, 17, 30)).toBe(expected.slice(17, 30).join(''))
  })

  it('says which record is none', async () => {
    const damaged: HistoryReader = {
      nextSeq: COUNT,
      read: history.read,
      scan: (from, limit, take) =>
        history.scan(from, limit, (bytes, seq) => {
          take(seq === 5_432 ? Buffer.from('{"schema":1}') : bytes, seq)
        }),
    }
    const reading = textOf(damaged, 0, COUNT)
    await expect(reading).rejects.toThrow(HistoryError)
    await expect(reading).rejects.toThrow('record 5432')
  })

  it('ends when nobody wants more of it', async () => {
    const source = { history, origin: ORIGIN }
    let pieces = 0
    for await (const piece of exportEvents(source, 'ocsf')) {
      expect(piece.length).toBeGreaterThan(0)
      pieces++
      break
    }
    expect(pieces).toBe(1)
  })
})
