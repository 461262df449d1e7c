import { beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { createSimDisk } from '../../kit/testing.ts'
import type { History } from '../history.ts'
import type { HistoryQuery } from '../history-query.ts'
import { createMemoryHistory } from '../memory-history.ts'
import { queryHistory } from '../query.ts'
import type { HistoryRecord } from '../record.ts'
import { DOORS } from '../record.ts'
import { exampleRecord } from '../testing.ts'
import { SEGMENT_RECORDS } from './columns.ts'
import { HistoryIndex } from './history-index.ts'
import { addPostings, encodePostings } from './postings.ts'
import { searchText } from './search-text.ts'

const COUNT = SEGMENT_RECORDS + 1500
const random = seededRandom(21)
const pick = <One>(all: readonly One[]): One => all[random.below(all.length)] as One

function randomRecord(seq: number): HistoryRecord {
  const name = `topic-${random.below(400)}`
  const failed = random.below(10) === 0
  return exampleRecord(seq, {
    id: random.bytes(16).toString('base64url'),
    // Minutes apart, and sometimes the clock is set back.
    recordedAt: new Date(1e12 + seq * 60_000 - random.below(20) * 10_000).toISOString(),
    actor: { principal: `User:${pick(['alice', 'bob', 'Zoë'])}`, mechanism: 'PLAIN' },
    source: { ip: pick(['10.0.0.1', '::1', '192.168.7.9']), listener: 'CLIENTS' },
    door: pick(DOORS),
    operation: pick(['topic.create', 'topic.delete', 'acl.create', 'user.scram.upsert']),
    resource: { kind: pick(['topic', 'acl']), name, id: pick([null, `id-${random.below(999)}`]) },
    request: pick([{ name }, { note: 'Größe', list: [1, 2, name] }, null]),
    after: failed ? null : { name },
    outcome: failed
      ? { code: pick(['INVALID_CONFIG', 'TOPIC_ALREADY_EXISTS']), message: 'it is odd' }
      : { code: 'NONE', message: null },
  })
}

const records = Array.from({ length: COUNT }, (_, seq) => randomRecord(seq))
const unique = records[4321]?.id.toLowerCase() ?? ''

let history: History
/** Without any index: the truth. */
let plain: History
const indexes: Record<string, HistoryIndex> = {}

beforeAll(async () => {
  history = createMemoryHistory()
  await history.append(records)
  plain = history
  const disk = createSimDisk()
  await disk.makeDirectory('/index')
  const growing = new HistoryIndex(disk, '/index')
  await growing.open()
  for (const record of records) growing.add(record)
  indexes['in memory'] = growing
  const written = new HistoryIndex(disk, '/index')
  await written.open()
  for (const record of records) written.add(record)
  await written.flush()
  indexes.written = written
  const reopened = new HistoryIndex(disk, '/index')
  await reopened.open()
  expect(reopened.end).toBe(SEGMENT_RECORDS)
  for (const record of records.slice(SEGMENT_RECORDS)) reopened.add(record)
  indexes.reopened = reopened
  const behind = new HistoryIndex(createSimDisk(), '/none')
  for (const record of records.slice(0, 100)) behind.add(record)
  indexes.behind = behind
})

/** All pages together, each no larger than asked for. */
async function all(query: HistoryQuery, index?: HistoryIndex): Promise<number[]> {
  const seqs: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await queryHistory(
      index ? history : plain,
      { ...query, ...(cursor === '' ? {} : { cursor }) },
      index,
    )
    expect(page.records.length).toBeLessThanOrEqual(query.limit ?? 100)
    seqs.push(...page.records.map(({ seq }) => seq))
    cursor = page.next
  }
  return seqs
}

const QUERIES: readonly HistoryQuery[] = [
  {},
  { principal: 'User:bob' },
  { principal: 'Zoë', operation: 'acl.*' },
  { principal: 'bo' },
  { operation: 'nothing.such' },
  { resource: 'topic-77' },
  { resource: 'topic:topic-77' },
  { resource: 'id-5' },
  { outcome: 'failure', door: 'cli' },
  { outcome: 'INVALID_CONFIG', address: '::1' },
  { outcome: 'success', principal: 'alice', operation: 'topic.create', resource: 'topic-9' },
  { fromMs: 1e12 + 5e6, toMs: 1e12 + 9e6 },
  { fromMs: 1e12 + COUNT * 60_000 },
  { toMs: 1e12 },
  { q: 'ODD' },
  { q: 'größe 192.168' },
  { q: unique },
  { q: unique.slice(3, 9) },
  { q: 'topic-399' },
  { q: 'c-39 alice' },
  { q: 'zzzz' },
  { q: 'ë' },
  { q: '-7' },
  { q: 'x' },
  { q: '#' },
  { q: '  ' },
]

describe('a query with an index', () => {
  it.each(['in memory', 'written', 'reopened', 'behind'])(
    'finds what one without finds: %s',
    async (name) => {
      const index = indexes[name]
      for (const query of QUERIES) {
        const limit = 1000
        const expected = await all({ ...query, limit })
        expect(await all({ ...query, limit }, index), JSON.stringify(query)).toEqual(expected)
      }
    },
  )

  it('pages in both orders and with small pages', async () => {
    const query = { principal: 'bob', outcome: 'failure', limit: 7 }
    const newest = await all(query, indexes.written)
    expect(newest.length).toBeGreaterThan(100)
    expect(newest).toEqual(await all({ ...query, limit: 1000 }))
    expect(await all({ ...query, order: 'oldest' }, indexes.written)).toEqual(newest.reverse())
  })

  it('reads little of the history for a rare match', async () => {
    let read = 0
    const counted = {
      nextSeq: history.nextSeq,
      scan: history.scan,
      read: (from: number, limit: number) => {
        read += limit
        return history.read(from, limit)
      },
    }
    for (const q of [unique, unique.slice(2, 12), 'zzzz']) {
      await queryHistory(counted, { q }, indexes.written)
    }
    expect(read).toBeLessThan(100)
  })
})

describe('the index by time', () => {
  it('finds the first record after a moment, whatever the clock did', async () => {
    for (let sample = 0; sample < 50; sample++) {
      const timeMs = 1e12 + random.below(COUNT * 60_000)
      const expected = records.findIndex(({ recordedAt }) => Date.parse(recordedAt) > timeMs)
      expect(await indexes.written?.firstAfter(timeMs)).toBe(expected)
    }
    expect(await indexes.written?.firstAfter(1e15)).toBe(COUNT)
  })
})

describe('the files of the index', () => {
  it('are made anew when they cannot be understood', async () => {
    const disk = createSimDisk()
    await disk.makeDirectory('/index')
    for (const bytes of ['', 'GLAI\xff\xff\xff\xff', 'GLAI\x02\0\0\0{x']) {
      await disk.remove('/index/segment-00000000')
      const file = await disk.open('/index/segment-00000000', 'create')
      await file.write([Buffer.from(bytes, 'latin1')], 0)
      await file.close()
      const index = new HistoryIndex(disk, '/index')
      await index.open()
      expect(index.end).toBe(0)
    }
  })
})

describe('posting lists', () => {
  it.each([0, 1, 100, 1023, 1024, 5000, 8191, 8192])('of %d records come back', (length) => {
    const step = SEGMENT_RECORDS / Math.max(1, length)
    const list = Uint16Array.from({ length }, (_, at) => Math.floor(at * step))
    const mask = new Uint8Array(SEGMENT_RECORDS)
    addPostings(encodePostings(list, SEGMENT_RECORDS), length, SEGMENT_RECORDS, mask)
    const found = Array.from(mask.keys()).filter((at) => mask[at] === 1)
    expect(found).toEqual([...list])
  })
})

describe('the text that is searched', () => {
  it('has values, and names where somebody chose them', () => {
    const text = searchText(exampleRecord(3, { request: { 'Retention.ms': [7, true, 'X'] } }))
    for (const part of ['user:alice', 'retention.ms', '\n7\n', '\nx\n', 'topic-id-3']) {
      expect(text).toContain(part)
    }
    expect(text).not.toContain('recordedat')
  })
})
