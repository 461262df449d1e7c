import { describe, expect, it } from 'vitest'
import { encodeRecord } from './codec.ts'
import { describeHistory } from './contract.ts'
import { createMemoryHistory } from './memory-history.ts'
import { exampleRecord } from './testing.ts'

describeHistory('memory', () => Promise.resolve(createMemoryHistory()))

describe('a history in memory', () => {
  it('continues one that was stored', async () => {
    const history = createMemoryHistory([encodeRecord(exampleRecord(0))])
    expect(history.nextSeq).toBe(1)
    expect(await history.append([exampleRecord(1)])).toEqual({ kind: 'appended' })
  })

  it('refuses what is not a record in its place', () => {
    expect(() => createMemoryHistory([encodeRecord(exampleRecord(1))])).toThrow(
      'record 0 of the history cannot be used: it says that its seq is 1',
    )
  })
})
