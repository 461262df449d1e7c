import { describe, expect, it } from 'vitest'
import type { HistoryQuery } from '../history-query.ts'
import { createMemoryHistory } from '../memory-history.ts'
import { queryHistory } from '../query.ts'
import { exampleRecord } from '../testing.ts'
import { toCloudEvent } from './cloud-event.ts'
import { exportEvents, exportMatching } from './export-events.ts'

describe('a record as a CloudEvent', () => {
  const event = toCloudEvent(exampleRecord(7, { causes: [3] }), 'glasslog/c')

  it('has the required attributes and those of the extensions', () => {
    expect(event).toMatchObject({
      specversion: '1.0',
      id: 'id-7',
      source: '/glasslog/c',
      type: 'glasslog.audit.topic.create',
      subject: 'topic:topic-7',
      time: '1970-01-01T00:00:07.000Z',
      datacontenttype: 'application/json',
      authtype: 'app_user',
      authid: 'User:alice',
      sequence: '00000000000000000007',
      recordedtime: '1970-01-01T00:00:07.000Z',
      correlationid: 'request-7',
      causationid: '3',
      data: { seq: 7, after: { name: 'topic-7' } },
    })
  })

  it('has attribute names and types that the specification allows', () => {
    for (const [name, value] of Object.entries(event)) {
      expect(name).toMatch(/^[a-z0-9]{1,20}$/)
      if (name !== 'data') expect(typeof value).toBe('string')
    }
  })

  it.each([
    ['none', 'unauthenticated'],
    ['INTERNAL', 'system'],
    ['root-token', 'api_key'],
    ['SCRAM-SHA-512', 'app_user'],
  ])('says of %s that it is %s', (mechanism, authtype) => {
    const record = exampleRecord(0, { actor: { principal: 'User:x', mechanism } })
    expect(toCloudEvent(record, 'o')).toMatchObject({ authtype })
  })
})

describe('an export of events', () => {
  it('has one line for each record of the range', async () => {
    const history = createMemoryHistory()
    await history.append(Array.from({ length: 1200 }, (_, seq) => exampleRecord(seq)))
    const lines = async (from?: number, end?: number): Promise<number[]> => {
      const pieces: Uint8Array[] = []
      const source = { history, origin: 'glasslog/c' }
      for await (const piece of exportEvents(source, 'ocsf', from, end)) pieces.push(piece)
      const text = Buffer.concat(pieces).toString()
      const events = text.split('\n').slice(0, -1)
      return events.map(
        (line) => (JSON.parse(line) as { metadata: { sequence: number } }).metadata.sequence,
      )
    }
    expect(await lines()).toEqual(Array.from({ length: 1200 }, (_, seq) => seq))
    expect(await lines(600, 603)).toEqual([600, 601, 602])
    expect(await lines(1199, 5000)).toEqual([1199])
    expect(await lines(1200)).toEqual([])
  })

  it('has the records of the range that match, when it is narrowed', async () => {
    const history = createMemoryHistory()
    await history.append(
      Array.from({ length: 2500 }, (_, seq) =>
        exampleRecord(seq, { operation: seq % 2 === 0 ? 'topic.create' : 'acl.create' }),
      ),
    )
    const source = {
      ...{ history, origin: 'glasslog/c' },
      query: (query: HistoryQuery) => queryHistory(history, query),
    }
    const pieces: Uint8Array[] = []
    const filter = { operation: 'acl.*' }
    for await (const piece of exportMatching(source, 'cloudevents', filter, 100, 2200)) {
      pieces.push(piece)
    }
    const lines = Buffer.concat(pieces).toString().split('\n').slice(0, -1)
    expect(lines).toHaveLength(1050)
    expect(lines.every((line) => line.includes('acl.create'))).toBe(true)
  })
})
