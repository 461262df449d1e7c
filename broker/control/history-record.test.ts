import { describe, expect, it } from 'vitest'
import { canonicalJson, decodeRecord, encodeRecord, recordToJson } from '../../audit/index.ts'
import type { StateCommand } from './decide/decide.ts'
import { decide } from './decide/decide.ts'
import { exampleContext, exampleState, exampleTopic } from './decide/fixture.ts'
import type { Call } from './history-record.ts'
import { clusterRecord, decisionRecord, purgeRecord } from './history-record.ts'
import { summarizeRequest } from './request-summary.ts'

const state = exampleState(exampleTopic('orders', { configs: { 'segment.ms': '5' } }))

function exampleCall(): Call {
  let ids = 0
  return {
    requestId: 'request-id',
    actor: {
      principal: 'User:alice',
      mechanism: 'none',
      door: 'kafka',
      source: { ip: '127.0.0.1', listener: 'PLAINTEXT', clientId: 'admin-1', software: 'kcat 1.7' },
    },
    occurredAtMs: 1_700_000_000_000,
    now: () => 1_700_000_000_001,
    newId: () => `record-id-${++ids}`,
  }
}

const OPEN = { allowed: true, rule: 'no-authorizer' }

const commands: readonly StateCommand[] = [
  {
    kind: 'topic.create',
    name: 'new',
    partitionCount: 2,
    replicationFactor: -1,
    assignments: [],
    configs: [{ name: 'retention.ms', value: '1000' }],
  },
  {
    kind: 'topic.create',
    name: 'orders',
    partitionCount: -1,
    replicationFactor: -1,
    assignments: [{ partition: 0, brokerIds: [1] }],
    configs: [],
  },
  { kind: 'topic.delete', name: 'orders' },
  { kind: 'topic.delete', id: 'nobody' },
  { kind: 'topic.partitions.create', name: 'orders', totalCount: 5, assignments: null },
  {
    kind: 'topic.config.alter',
    name: 'orders',
    mode: 'incremental',
    changes: [
      { op: 'set', name: 'retention.ms', value: '7' },
      { op: 'delete', name: 'segment.ms' },
    ],
  },
  {
    kind: 'broker.config.alter',
    brokerId: '',
    mode: 'replace',
    changes: [{ op: 'set', name: 'num.partitions', value: '3' }],
  },
  {
    kind: 'broker.config.alter',
    brokerId: '1',
    mode: 'incremental',
    changes: [{ op: 'set', name: 'ssl.keystore.password', value: 'hunter2' }],
  },
  { kind: 'records.delete', topic: 'orders', partition: 1, offset: -1 },
  { kind: 'producer-ids.allocate' },
]

describe('the records of operations', () => {
  const call = exampleCall()
  const context = exampleContext()
  const records = [
    clusterRecord(call, 'cluster-id'),
    ...commands.map((command, seq) =>
      decisionRecord(call, seq, command, decide(state, command, context), OPEN),
    ),
    purgeRecord(
      call,
      9,
      8,
      { kind: 'records', name: 'orders-1', id: 'orders-id-1' },
      { logStartOffset: 100 },
    ),
    purgeRecord(
      call,
      9,
      8,
      { kind: 'records', name: 'orders-1', id: 'orders-id-1' },
      { error: 'KAFKA_STORAGE_ERROR', message: 'The disk is gone.' },
    ),
  ]

  it('look like this, for ever', async () => {
    const lines = records.map((record) => `${canonicalJson(recordToJson(record))}\n`)
    await expect(lines.join('')).toMatchFileSnapshot('./golden/history-records.jsonl')
  })

  it('are read back as they are', () => {
    for (const record of records)
      expect(decodeRecord(encodeRecord(record), record.seq)).toEqual(record)
  })
})

describe('what a record keeps of a request', () => {
  it('has no values of keys that are secret or not known', () => {
    const changes = [
      { op: 'set', name: 'sasl.jaas.config', value: 'password="hunter2"' },
      { op: 'set', name: 'num.partitions', value: '3' },
    ] as const
    const command = {
      kind: 'broker.config.alter',
      brokerId: '',
      mode: 'incremental',
      changes,
    } as const
    const text = canonicalJson(summarizeRequest(command))
    expect(text).not.toContain('hunter2')
    expect(text).toContain('[redacted]')
    expect(text).toContain('"3"')
  })

  it('is bounded, whatever was asked for', () => {
    const command: StateCommand = {
      kind: 'topic.create',
      name: 'x'.repeat(1_000_000),
      partitionCount: -1,
      replicationFactor: -1,
      assignments: Array.from({ length: 100_000 }, (_, partition) => ({
        partition,
        brokerIds: [1],
      })),
      configs: [{ name: 'cleanup.policy', value: 'y'.repeat(1_000_000) }],
    }
    const record = decisionRecord(
      exampleCall(),
      0,
      command,
      decide(state, command, exampleContext()),
      OPEN,
    )
    expect(encodeRecord(record).length).toBeLessThan(10_000)
    expect(canonicalJson(summarizeRequest(command))).toContain('… and 99900 more')
  })

  it('can be written even when the client sent what is no text', () => {
    const command: StateCommand = { kind: 'topic.delete', name: 'half \ud800 pair' }
    const record = decisionRecord(
      exampleCall(),
      0,
      command,
      decide(state, command, exampleContext()),
      OPEN,
    )
    expect(encodeRecord(record).toString()).toContain('half \ufffd pair')
  })
})
