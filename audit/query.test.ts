import { describe, expect, it } from 'vitest'
import type { History } from './history.ts'
import type { HistoryQuery } from './history-query.ts'
import { createMemoryHistory } from './memory-history.ts'
import { HistoryQueryError, MAX_SCANNED_BYTES, MAX_SCANNED_RECORDS, queryHistory } from './query.ts'
import { parseHistoryQuery } from './query-parameters.ts'
import type { HistoryRecord } from './record.ts'
import { exampleRecord } from './testing.ts'

async function historyOf(records: readonly HistoryRecord[]): Promise<History> {
  const history = createMemoryHistory()
  await history.append(records)
  return history
}

const refused = { code: 'INVALID_CONFIG', message: 'retention.ms is odd' }
const history = await historyOf([
  exampleRecord(0, { operation: 'cluster.create' }),
  exampleRecord(1, { resource: { kind: 'topic', name: 'orders', id: 'abc' } }),
  exampleRecord(2, { operation: 'topic.config.alter', outcome: refused, after: null }),
  exampleRecord(3, { actor: { principal: 'User:bob', mechanism: 'PLAIN' } }),
  exampleRecord(4, { operation: 'topic.delete', request: { note: 'Größe' } }),
])

const seqs = async (query: HistoryQuery): Promise<number[]> =>
  (await queryHistory(history, query)).records.map(({ seq }) => seq)

describe('a query of the history', () => {
  it.each<[HistoryQuery, number[]]>([
    [{}, [4, 3, 2, 1, 0]],
    [{ order: 'oldest' }, [0, 1, 2, 3, 4]],
    [{ fromMs: 1000, toMs: 3000 }, [2, 1]],
    [{ principal: 'User:bob' }, [3]],
    [{ principal: 'bob' }, [3]],
    [{ principal: 'bo' }, []],
    [{ operation: 'topic.create' }, [3, 1]],
    [{ operation: 'topic.*' }, [4, 3, 2, 1]],
    [{ resource: 'orders' }, [1]],
    [{ resource: 'abc' }, [1]],
    [{ resource: 'topic:orders' }, [1]],
    [{ resource: 'group:orders' }, []],
    [{ outcome: 'success' }, [4, 3, 1, 0]],
    [{ outcome: 'failure' }, [2]],
    [{ outcome: 'INVALID_CONFIG' }, [2]],
    [{ q: 'RETENTION.ms' }, [2]],
    [{ q: 'größe' }, [4]],
    [{ principal: 'alice', outcome: 'success', operation: 'topic.*', limit: 1 }, [4]],
  ])('%j finds %j', async (query, expected) => {
    expect(await seqs(query)).toEqual(expected)
  })

  it.each(['newest', 'oldest'] as const)('pages through all, %s first', async (order) => {
    const pages: number[][] = []
    let cursor: string | null | undefined
    while (cursor !== null) {
      const query: HistoryQuery = { order, limit: 2, ...(cursor ? { cursor } : {}) }
      const page = await queryHistory(history, query)
      pages.push(page.records.map(({ seq }) => seq))
      cursor = page.next
    }
    const expected = { newest: [[4, 3], [2, 1], [0]], oldest: [[0, 1], [2, 3], [4]] }
    expect(pages).toEqual(expected[order])
  })

  it('keeps its place when records are added', async () => {
    const growing = await historyOf([0, 1, 2].map((seq) => exampleRecord(seq)))
    const first = await queryHistory(growing, { limit: 2 })
    await growing.append([exampleRecord(3)])
    const second = await queryHistory(growing, { limit: 2, cursor: first.next ?? '' })
    expect(second.records.map(({ seq }) => seq)).toEqual([0])
    expect(second.next).toBeNull()
  })

  it('looks at a bounded number of records for one page', async () => {
    const count = MAX_SCANNED_RECORDS + 10
    const many = await historyOf(Array.from({ length: count }, (_, seq) => exampleRecord(seq)))
    const first = await queryHistory(many, { resource: 'topic-3' })
    expect(first).toEqual({ records: [], next: 'n10' })
    const second = await queryHistory(many, { resource: 'topic-3', cursor: 'n10' })
    expect(second.records.map(({ seq }) => seq)).toEqual([3])
    expect(second.next).toBeNull()
  })

  it('looks at a bounded number of bytes for one page, and loses no record', async () => {
    const request = { name: 'x'.repeat(512 * 1024) }
    const count = MAX_SCANNED_BYTES / request.name.length + 10
    const large = await historyOf(
      Array.from({ length: count }, (_, seq) => exampleRecord(seq, { request })),
    )
    const first = await queryHistory(large, {})
    expect(first.records.length).toBeLessThan(count - 9)
    const second = await queryHistory(large, { cursor: first.next ?? '' })
    expect([...first.records, ...second.records].map(({ seq }) => seq)).toEqual(
      Array.from({ length: count }, (_, index) => count - 1 - index),
    )
    expect(second.next).toBeNull()
  })

  it.each<HistoryQuery>([
    { limit: 0 },
    { limit: 1001 },
    { limit: 1.5 },
    { cursor: 'elsewhere' },
    { cursor: 'o3' },
    { order: 'oldest', cursor: 'n3' },
  ])('refuses %j', async (query) => {
    await expect(queryHistory(history, query)).rejects.toThrow(HistoryQueryError)
  })
})

describe('a query as text', () => {
  it('has the names of the URL', () => {
    const query = parseHistoryQuery({
      from: '1970-01-01T00:00:01Z',
      to: '1970-01-01T01:00:02+01:00',
      principal: 'alice',
      operation: 'topic.*',
      resource: 'orders',
      outcome: 'success',
      q: 'x',
      order: 'oldest',
      limit: '5',
      cursor: 'o1',
    })
    expect(query).toEqual({
      fromMs: 1000,
      toMs: 2000,
      principal: 'alice',
      operation: 'topic.*',
      resource: 'orders',
      outcome: 'success',
      q: 'x',
      order: 'oldest',
      limit: 5,
      cursor: 'o1',
    })
  })

  it('leaves out what is empty', () => {
    expect(parseHistoryQuery({ from: '', limit: '', q: undefined })).toEqual({})
  })

  it('names every fault', () => {
    const parse = (): unknown =>
      parseHistoryQuery({ from: 'x', to: 'y', order: 'up', limit: 'many' })
    expect(parse).toThrow(HistoryQueryError)
    for (const word of ['from must', 'to must', 'order must', 'limit must']) {
      expect(parse).toThrow(word)
    }
  })
})
