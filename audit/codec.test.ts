import { describe, expect, it } from 'vitest'
import { decodeRecord, encodeRecord, recordToJson } from './codec.ts'
import { HistoryError } from './history.ts'
import type { Json } from './json.ts'
import { canonicalJson } from './json.ts'
import { exampleRecord } from './testing.ts'

const full = exampleRecord(7, {
  actor: { principal: 'User:bob', mechanism: 'TOKEN', tokenId: 't1', onBehalfOf: 'User:carol' },
  source: { ip: '::1', listener: 'ADMIN', clientId: 'c', software: 'curl 8' },
  door: 'http',
  outcome: { code: 'INVALID_CONFIG', message: 'no' },
  reason: 'ticket 12',
  causes: [3, 4],
  reverts: [5],
})

describe('the bytes of a record', () => {
  it('are these, for ever', () => {
    expect(encodeRecord(full).toString()).toBe(
      '{"actor":{"mechanism":"TOKEN","onBehalfOf":"User:carol","principal":"User:bob","tokenId":"t1"},' +
        '"after":{"name":"topic-7"},"before":null,"causes":[3,4],' +
        '"decision":{"allowed":true,"rule":"no-authorizer"},"door":"http","id":"id-7",' +
        '"occurredAt":"1970-01-01T00:00:07.000Z","operation":"topic.create",' +
        '"outcome":{"code":"INVALID_CONFIG","message":"no"},"reason":"ticket 12",' +
        '"recordedAt":"1970-01-01T00:00:07.000Z","request":{"name":"topic-7"},"requestId":"request-7",' +
        '"resource":{"id":"topic-id-7","kind":"topic","name":"topic-7"},"reversal":"full","reverts":[5],' +
        '"schema":1,"seq":7,"source":{"clientId":"c","ip":"::1","listener":"ADMIN","software":"curl 8"}}',
    )
  })

  it.each([
    ['all members', full],
    ['only those that must be', exampleRecord(0)],
  ])('give the record back: %s', (_, record) => {
    expect(decodeRecord(encodeRecord(record), record.seq)).toEqual(record)
  })
})

/** The bytes of a sound record with one member changed. */
function spoiled(path: string, value: Json | undefined): Buffer {
  const [first = '', second] = path.split('.')
  const record = recordToJson(full)
  if (second === undefined) return Buffer.from(canonicalJson({ ...record, [first]: value }))
  const inner = { ...(record[first] as object), [second]: value }
  return Buffer.from(canonicalJson({ ...record, [first]: inner }))
}

describe('a record that cannot be used', () => {
  it.each<[string, Json | undefined, string]>([
    ['schema', undefined, 'no schema number but undefined'],
    ['schema', 0, 'no schema number but 0'],
    ['schema', '1', 'no schema number but "1"'],
    ['schema', 2, 'schema 2, and this program knows schemas up to 1: a newer program wrote it'],
    ['seq', 8, 'it says that its seq is 8'],
    ['seq', 7.5, 'seq is not a whole number'],
    ['id', 5, 'id is not a text'],
    ['requestId', undefined, 'requestId is not a text'],
    ['recordedAt', 'soon', 'recordedAt is not a time'],
    ['occurredAt', 0, 'occurredAt is not a text'],
    ['actor', [], 'actor is not an object'],
    ['actor.principal', null, 'actor.principal is not a text'],
    ['actor.tokenId', 1, 'actor.tokenId is not a text'],
    ['source', null, 'source is not an object'],
    ['door', 'window', 'door is none of kafka, http, cli, system'],
    ['operation', undefined, 'operation is not a text'],
    ['resource.id', 5, 'resource.id is not a text'],
    ['decision.allowed', 'yes', 'decision.allowed is neither true nor false'],
    ['request', undefined, 'request is missing'],
    ['before', undefined, 'before is missing'],
    ['after', undefined, 'after is missing'],
    ['outcome.message', 5, 'outcome.message is not a text'],
    ['reversal', 'maybe', 'reversal is none of full, side-effects, none'],
    ['causes', [1, -1], 'causes is not a list of sequence numbers'],
    ['reverts', 5, 'reverts is not a list of sequence numbers'],
  ])('%s = %j: %s', (path, value, message) => {
    const decode = (): unknown => decodeRecord(spoiled(path, value), 7)
    expect(decode).toThrow(HistoryError)
    expect(decode).toThrow(`record 7 of the history cannot be used: `)
    expect(decode).toThrow(message)
  })

  it.each([
    ['not JSON', Buffer.from('{'), 'it is not JSON in UTF-8'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'it is not JSON in UTF-8'],
    ['not an object', Buffer.from('[]'), 'the record is not an object'],
    ['nothing', Buffer.alloc(0), 'it is not JSON in UTF-8'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeRecord(bytes, 0)).toThrow(message)
  })
})
