import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BatchOptions } from '../../../protocol/index.ts'
import { encodeBatch, encodeEndTransactionMarker } from '../../../protocol/index.ts'
import type { Answer, TestAdmin } from '../../../test/support/test-admin.ts'
import { startTestAdmin } from '../../../test/support/test-admin.ts'
import type { RecordView } from '../records/record-view.ts'

let admin: TestAdmin

beforeAll(async () => {
  admin = await startTestAdmin({ limits: { journalFileBytes: 64 * 1024 * 1024 } })
})
afterAll(() => admin.stop())

const T0 = Date.UTC(2024, 0, 1)

const send = (topic: string, body: object): Promise<Answer> =>
  admin.call(`POST /v1/topics/${topic}/records`, { body })

interface Page {
  readonly records: readonly RecordView[]
  readonly next: string | null
  readonly scanned: { readonly records: number }
}

async function browse(topic: string, query: Record<string, string> = {}): Promise<Page> {
  const { status, body } = await admin.call(
    `GET /v1/topics/${topic}/records?${new URLSearchParams(query)}`,
  )
  expect([status, body]).toEqual([200, body])
  return body as Page
}

/** All pages of a query, each with its records, under a bound that a loop without end would break. */
async function browseAll(topic: string, query: Record<string, string>): Promise<Page[]> {
  const pages: Page[] = []
  for (let next: string | null = ''; next !== null && pages.length < 100; ) {
    const page: Page = await browse(topic, next === '' ? query : { ...query, cursor: next })
    pages.push(page)
    next = page.next
  }
  return pages
}

const valuesOf = ({ records }: Page): unknown[] => records.map(({ value }) => value)

/** Appends batches as they are, as only the engine itself or a transaction coordinator would. */
async function append(topic: string, partition: number, ...batches: Buffer[]): Promise<void> {
  const { store, services } = admin.broker
  const log = store.find(services.control.state.topics.get(topic)?.id ?? '', partition)
  if (!log) throw new Error(`no ${topic}-${partition}`)
  for (const batch of batches) await store.append([{ log, batch }], { acks: 'durable' })
}

const batchOf = (
  values: readonly string[],
  timestampMs: number,
  options: BatchOptions = {},
): Buffer =>
  encodeBatch(
    values.map((value, index) => ({
      timestampMs: timestampMs + index,
      key: null,
      value: Buffer.from(value),
    })),
    options,
  )

describe('POST /v1/topics/{topic}/records', () => {
  it('stores records where their keys belong, and answers where', async () => {
    await admin.broker.createTopic('sent', { partitions: 3 })
    const { status, body } = await send('sent', {
      records: [
        {
          key: 'a',
          value: { n: 1 },
          headers: [
            { name: 'h', value: 'x' },
            { name: 'none', value: null },
          ],
        },
        { key: 'a', value: 'text' },
        { value: 'by hand', partition: 2, timestamp: '2024-01-01T00:00:00.005Z' },
        { key: 'dead', value: null },
      ],
      compression: 'zstd',
    })
    expect(status).toBe(201)
    const { records } = body as { records: { partition: number; offset: number }[] }
    expect(records[0]?.partition).toBe(records[1]?.partition)
    expect(records[2]).toMatchObject({ partition: 2, timestamp: '2024-01-01T00:00:00.005Z' })
    const { records: stored } = await browse('sent')
    expect(stored).toHaveLength(4)
    expect(stored.find(({ key, value }) => key === 'a' && value !== 'text')).toMatchObject({
      value: { n: 1 },
      valueFormat: 'json',
      headers: [
        { name: 'h', value: 'x', format: 'text' },
        { name: 'none', value: null, format: 'text' },
      ],
      batch: { compression: 'zstd' },
    })
    expect(stored.find(({ key }) => key === 'dead')).toMatchObject({
      value: null,
      valueFormat: null,
    })
  })

  it('stores nothing for a dry run', async () => {
    await admin.broker.createTopic('dry')
    const { status, body } = await admin.call('POST /v1/topics/dry/records?dryRun=true', {
      body: { records: [{ value: 'x' }] },
    })
    expect([status, body]).toMatchObject([
      200,
      { dryRun: true, records: [{ partition: 0, offset: -1 }] },
    ])
    expect((await browse('dry')).records).toEqual([])
  })

  it('counts as traffic of the topic', async () => {
    const { id } = await admin.broker.createTopic('counted')
    await send('counted', { records: [{ value: 'a' }, { value: 'b' }] })
    expect(admin.broker.services.traffic.of(id)).toMatchObject({
      messagesIn: 2,
      produceRequests: 1,
    })
  })

  it('takes what the topic’s configuration allows, and nothing else', async () => {
    await admin.broker.createTopic('strict', {
      configs: { 'cleanup.policy': 'compact', 'max.message.bytes': '200' },
    })
    await admin.broker.createTopic('safe', { configs: { 'min.insync.replicas': '2' } })
    const refusals: readonly (readonly [string, object, number, string])[] = [
      ['strict', { records: [{ value: 'no key' }] }, 400, 'invalid-record'],
      ['strict', { records: [{ key: 'k', value: 'x'.repeat(500) }] }, 413, 'message-too-large'],
      ['safe', { records: [{ value: 'x' }] }, 409, 'not-enough-replicas'],
      ['__audit', { records: [{ value: 'x' }] }, 400, 'invalid-topic-exception'],
      ['none', { records: [{ value: 'x' }] }, 404, 'unknown-topic-or-partition'],
      ['sent', { records: [{ value: 'x', partition: 3 }] }, 404, 'unknown-topic-or-partition'],
      ['sent', { records: [{ value: 'xyz' }], valueFormat: 'hex' }, 422, 'undecodable-record'],
      ['sent', { records: [{ value: 1 }], valueFormat: 'avro' }, 422, 'undecodable-record'],
    ]
    for (const [topic, body, status, code] of refusals) {
      expect([topic, await send(topic, body)]).toMatchObject([topic, { status, body: { code } }])
    }
  })

  it('writes Avro and Protobuf with a schema, and reads them back', async () => {
    await admin.broker.createTopic('typed')
    const avro = {
      valueFormat: 'avro',
      valueSchema: '{"type":"record","name":"A","fields":[{"name":"n","type":"long"}]}',
    }
    const proto = {
      valueFormat: 'protobuf',
      valueSchema: 'syntax = "proto3"; message B { string s = 1; }',
    }
    await send('typed', { ...avro, records: [{ value: { n: 12 } }] })
    await send('typed', { ...proto, records: [{ value: { s: 'hello' } }] })
    expect((await browse('typed', { ...avro, offset: '0', limit: '1' })).records).toMatchObject([
      { value: { n: 12 }, valueFormat: 'avro' },
    ])
    expect((await browse('typed', { ...proto, offset: '1' })).records).toMatchObject([
      { value: { s: 'hello' }, valueFormat: 'protobuf' },
    ])
    expect((await browse('typed', { ...avro, offset: '1' })).records).toMatchObject([
      { valueFormat: 'hex', valueFault: expect.stringContaining('Avro') },
    ])
  })
})

describe('GET /v1/topics/{topic}/records', () => {
  beforeAll(async () => {
    await admin.broker.createTopic('log', { partitions: 3 })
    // Record n has time T0 + n and lies in partition n % 3.
    for (let n = 0; n < 60; n++) await append('log', n % 3, batchOf([`v${n}`], T0 + n))
  })

  it('pages through all partitions in the order of time, each record once', async () => {
    const pages = await browseAll('log', { limit: '7' })
    const seen = pages.flatMap(valuesOf)
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => `v${n}`))
    expect(pages.slice(0, -1).every(({ records }) => records.length > 0)).toBe(true)
  })

  it('pages back from the newest, each record once', async () => {
    const pages = await browseAll('log', { tail: '7' })
    const first = pages[0]
    expect(first && valuesOf(first)).toEqual(['v53', 'v54', 'v55', 'v56', 'v57', 'v58', 'v59'])
    const seen = pages.reverse().flatMap(valuesOf)
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => `v${n}`))
  })

  it('begins at an offset, or at a time', async () => {
    expect(valuesOf(await browse('log', { partition: '1', offset: '18' }))).toEqual(['v55', 'v58'])
    const time = new Date(T0 + 57).toISOString()
    expect(valuesOf(await browse('log', { time }))).toEqual(['v57', 'v58', 'v59'])
    const late = new Date(T0 + 1000).toISOString()
    expect(await browse('log', { time: late })).toMatchObject({ records: [], next: null })
  })

  it('looks into some partitions only', async () => {
    const { status, body } = await admin.call(
      'GET /v1/topics/log/records?partition=0&partition=2&limit=4',
    )
    expect([status, valuesOf(body as Page)]).toEqual([200, ['v0', 'v2', 'v3', 'v5']])
  })

  it('finds rare matches far back, and says how much it looked at', async () => {
    const tail = await browseAll('log', { value: 'v1', tail: '1' })
    expect(tail.flatMap(valuesOf)).toEqual([
      ...['v19', 'v18', 'v17', 'v16', 'v15', 'v14', 'v13', 'v12', 'v11', 'v10', 'v1'],
    ])
    const forward = await browse('log', { value: 'v59' })
    expect(forward).toMatchObject({ records: [{ value: 'v59' }], scanned: { records: 60 } })
  })

  it('filters on key, value, header and JSON path', async () => {
    await admin.broker.createTopic('mixed')
    await send('mixed', {
      records: [
        { key: 'k1', value: { user: { name: 'ann' }, items: [{ price: 5 }] } },
        {
          key: 'k2',
          value: { user: { name: 'bob' }, items: [{ price: 50 }] },
          headers: [{ name: 'trace', value: 'abc-1' }],
        },
        { key: 'k22', value: 'no json', headers: [{ name: 'trace', value: 'def-2' }] },
      ],
    })
    const keysFor = async (query: Record<string, string>): Promise<unknown[]> =>
      (await browse('mixed', query)).records.map(({ key }) => key)
    expect(await keysFor({ key: 'k2' })).toEqual(['k2', 'k22'])
    expect(await keysFor({ value: '"ann"' })).toEqual(['k1'])
    expect(await keysFor({ header: 'trace' })).toEqual(['k2', 'k22'])
    expect(await keysFor({ header: 'trace=def' })).toEqual(['k22'])
    expect(await keysFor({ path: '$.items[?@.price > 10]' })).toEqual(['k2'])
    expect(await keysFor({ path: '$.user.name', pathValue: 'ann' })).toEqual(['k1'])
    expect(await keysFor({ path: '$..price', pathValue: '50' })).toEqual(['k2'])
    expect(await keysFor({ key: 'k2', header: 'trace=abc' })).toEqual(['k2'])
    expect(await keysFor({ value: '6b', valueFormat: 'hex' })).toEqual([])
    expect(await keysFor({ value: '6a736f6e', valueFormat: 'hex' })).toEqual(['k22'])
  })

  it('reads compressed batches, and batches whose first records lie before the offset', async () => {
    await admin.broker.createTopic('packed')
    for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      await append(
        'packed',
        0,
        batchOf(
          ['a', 'b', 'c'].map((one) => `${compression}-${one}`),
          T0,
          { compression },
        ),
      )
    }
    const page = await browse('packed', { offset: '1', limit: '3' })
    expect(valuesOf(page)).toEqual(['gzip-b', 'gzip-c', 'snappy-a'])
    expect(page.records[2]).toMatchObject({
      batch: { compression: 'snappy', records: 3, baseOffset: 3 },
    })
    expect(valuesOf(await browse('packed', { tail: '2' }))).toEqual(['zstd-b', 'zstd-c'])
    const pages = await browseAll('packed', { tail: '5' })
    expect(pages.reverse().flatMap(valuesOf)).toHaveLength(12)
  })

  it('shows the ends of transactions as what they are', async () => {
    await admin.broker.createTopic('transactional')
    const producer = { id: 7n, epoch: 3 }
    await append(
      'transactional',
      0,
      batchOf(['paid'], T0, { producer: { ...producer, baseSequence: 0 }, isTransactional: true }),
      encodeEndTransactionMarker({ kind: 'abort', coordinatorEpoch: 2 }, producer, T0 + 1),
    )
    expect((await browse('transactional')).records).toMatchObject([
      {
        kind: 'record',
        value: 'paid',
        batch: { producerId: '7', producerEpoch: 3, transactional: true },
      },
      { kind: 'control', value: null, control: { type: 'abort', coordinatorEpoch: 2 } },
    ])
    expect((await browse('transactional', { value: 'paid' })).records).toHaveLength(1)
  })

  it('shows that a batch cannot be read, and goes on behind it', async () => {
    await admin.broker.createTopic('broken')
    const unknownCodec = batchOf(['x'], T0)
    // Codec 7, which nobody knows. The engine does not look at it.
    unknownCodec.writeUInt16BE(7, 21)
    await append('broken', 0, unknownCodec, batchOf(['fine'], T0 + 1))
    expect((await browse('broken')).records).toMatchObject([
      {
        kind: 'unreadable',
        offset: 0,
        fault: expect.any(String),
        batch: { compression: 'unknown' },
      },
      { kind: 'record', offset: 1, value: 'fine' },
    ])
  })

  it('ends a page before it becomes too large', async () => {
    await admin.broker.createTopic('large')
    for (let n = 0; n < 12; n++)
      await append('large', 0, batchOf([String(n).padEnd(1_000_000, '.')], T0 + n))
    const pages = await browseAll('large', {})
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.flatMap(valuesOf)).toHaveLength(12)
    const back = await browseAll('large', { tail: '100' })
    expect(back.flatMap(valuesOf)).toHaveLength(12)
  })

  it('reads the history and the offsets of groups like any topic', async () => {
    const { records } = await browse('__audit', { offset: '0', limit: '1' })
    expect(records).toMatchObject([{ value: { operation: 'cluster.create', seq: 0 } }])
  })

  it.each([
    ['log', 'offset=9999', 400, 'invalid-request'],
    ['log', 'offset=1&tail=1', 400, 'invalid-request'],
    ['log', 'partition=3', 404, 'unknown-topic-or-partition'],
    ['log', 'partition=-1', 400, 'invalid-request'],
    ['log', 'tail=0', 400, 'invalid-request'],
    ['log', 'limit=1001', 400, 'invalid-request'],
    ['log', 'time=yesterday', 400, 'invalid-request'],
    ['log', 'cursor=zzz', 400, 'invalid-request'],
    [
      'log',
      `cursor=${Buffer.from('["backward",[0,1]]').toString('base64url')}`,
      400,
      'invalid-request',
    ],
    ['log', 'path=items', 400, 'invalid-request'],
    ['log', 'path=$..a..b', 400, 'invalid-request'],
    ['log', "path=$[?match(@, '(a*)*b')]", 400, 'invalid-request'],
    ['log', 'valueFormat=avro', 422, 'undecodable-record'],
    ['log', 'valueFormat=cobol', 400, 'invalid-request'],
    ['log', 'unknown=1', 400, 'invalid-request'],
    ['none', '', 404, 'unknown-topic-or-partition'],
    // The log of secrets is no topic at all.
    ['__secrets', '', 404, 'unknown-topic-or-partition'],
  ])('%s?%s: %i %s', async (topic, query, status, code) => {
    const answer = await admin.call(
      `GET /v1/topics/${topic}/records?${query.replaceAll(' ', '%20')}`,
    )
    expect(answer).toMatchObject({ status, body: { code } })
  })
})

describe('DELETE /v1/topics/{topic}/records', () => {
  it('deletes before an offset, or all of them', async () => {
    await admin.broker.createTopic('trimmed', { partitions: 2 })
    const fill = (partition: number) =>
      admin.call('POST /v1/topics/trimmed/records', {
        body: { records: [1, 2, 3].map((value) => ({ partition, value })) },
      })
    await fill(0)
    await fill(1)
    const some = await admin.call('DELETE /v1/topics/trimmed/records?partition=0&before=2')
    expect(some).toMatchObject({
      status: 200,
      body: { partitions: [{ partition: 0, logStartOffset: 2 }], dryRun: false },
    })
    const all = await admin.call('DELETE /v1/topics/trimmed/records')
    expect(all.body).toMatchObject({
      partitions: [
        { partition: 0, logStartOffset: 3 },
        { partition: 1, logStartOffset: 3 },
      ],
    })
  })

  it.each([
    ['trimmed/records?before=1', 400],
    ['trimmed/records?partition=0&before=99', 400],
    ['trimmed/records?partition=9', 404],
    ['nobody/records', 404],
  ])('refuses %s with %d', async (path, status) => {
    expect((await admin.call(`DELETE /v1/topics/${path}`)).status).toBe(status)
  })
})
