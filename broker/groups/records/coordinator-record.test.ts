import { describe, expect, it } from 'vitest'
import { ZERO_UUID } from '../../../kit/index.ts'
import { ProtocolError } from '../../../protocol/index.ts'
import type { ClassicGroup, Member } from '../classic/group.ts'
import { emptyGroup } from '../classic/group.ts'
import type { CommittedOffset } from '../port.ts'
import type { CoordinatorRecord } from './coordinator-record.ts'
import { decodeRecord, encodeRecord } from './coordinator-record.ts'
import { fromMetadata, groupMetadataRecord, groupTombstone } from './group-metadata.ts'

/** Bytes written down field by field from Kafka's declarations: spaces and names are for the reader. */
function bytes(...fields: string[]): Buffer {
  return Buffer.from(
    fields.map((field) => field.replace(/^[^:]*:/, '').replace(/\s/g, '')).join(''),
    'hex',
  )
}

const TOPIC_ID = 'AAECAwQFBgcICQoLDA0ODw'

const offset: CommittedOffset = {
  offset: 0x0102030405,
  leaderEpoch: 7,
  metadata: 'né',
  committedAtMs: 0x018cc251f400,
  expiresAtMs: -1,
  topicId: TOPIC_ID,
}

const offsetKey = bytes(
  'version: 0001',
  'group: 0002 6731',
  'topic: 0005 746f706963',
  'partition: 00000003',
)

const offsetRecord: CoordinatorRecord = {
  kind: 'offset',
  groupId: 'g1',
  topic: 'topic',
  partition: 3,
  value: offset,
}

const member: Member = {
  memberId: 'c-1',
  groupInstanceId: 'i',
  clientId: 'c',
  clientHost: '/h',
  rebalanceTimeoutMs: 300_000,
  sessionTimeoutMs: 10_000,
  protocols: [
    {
      name: 'range',
      metadata: Buffer.from([0, 0, 0, 0, 0, 1, 0, 1, 0x74, 0xff, 0xff, 0xff, 0xff]),
    },
    { name: 'sticky', metadata: Buffer.from([1]) },
  ],
  assignment: Buffer.from([0xaa, 0xbb]),
  isNew: false,
  awaitingJoin: false,
  awaitingSync: false,
}

const stableGroup: ClassicGroup = {
  ...emptyGroup('g1'),
  state: 'Stable',
  previousState: 'CompletingRebalance',
  stateSinceMs: 0x018cc251f400,
  generationId: 5,
  protocolType: 'consumer',
  protocolName: 'range',
  leader: 'c-1',
  members: new Map([[member.memberId, member]]),
  subscribedTopics: new Set(['t']),
}

const groupKey = bytes('version: 0002', 'group: 0002 6731')

describe('records of __consumer_offsets', () => {
  it('has the bytes of Kafka 4.1', () => {
    const table: [string, CoordinatorRecord, Buffer, Buffer | null][] = [
      [
        'offset: value version 4 with the topic id as tag 0',
        offsetRecord,
        offsetKey,
        bytes(
          'version: 0004',
          'offset: 0000000102030405',
          'leader epoch: 00000007',
          'metadata: 04 6ec3a9',
          'commit timestamp: 0000018cc251f400',
          'tagged fields: 01',
          'tag 0 of 16 bytes: 00 10',
          'topic id: 000102030405060708090a0b0c0d0e0f',
        ),
      ],
      [
        'offset of a topic without a known id: no tagged field',
        { ...offsetRecord, value: { ...offset, metadata: '', topicId: ZERO_UUID } },
        offsetKey,
        bytes(
          'version: 0004',
          'offset: 0000000102030405',
          'leader epoch: 00000007',
          'metadata: 01',
          'commit timestamp: 0000018cc251f400',
          'tagged fields: 00',
        ),
      ],
      [
        'offset with a retention of its own: value version 1',
        { ...offsetRecord, value: { ...offset, expiresAtMs: 0x018cc251f4ff } },
        offsetKey,
        bytes(
          'version: 0001',
          'offset: 0000000102030405',
          'metadata: 0003 6ec3a9',
          'commit timestamp: 0000018cc251f400',
          'expire timestamp: 0000018cc251f4ff',
        ),
      ],
      ['offset tombstone', { ...offsetRecord, value: null }, offsetKey, null],
      [
        'group: value version 3',
        groupMetadataRecord(stableGroup),
        groupKey,
        bytes(
          'version: 0003',
          'protocol type: 0008 636f6e73756d6572',
          'generation: 00000005',
          'protocol: 0005 72616e6765',
          'leader: 0003 632d31',
          'current state timestamp: 0000018cc251f400',
          'members: 00000001',
          'member id: 0003 632d31',
          'group instance id: 0001 69',
          'client id: 0001 63',
          'client host: 0002 2f68',
          'rebalance timeout: 000493e0',
          'session timeout: 00002710',
          'subscription: 0000000d 0000 00000001 0001 74 ffffffff',
          'assignment: 00000002 aabb',
        ),
      ],
      [
        'group without members',
        groupMetadataRecord({ ...emptyGroup('g1'), generationId: 6, protocolType: 'consumer' }),
        groupKey,
        bytes(
          'version: 0003',
          'protocol type: 0008 636f6e73756d6572',
          'generation: 00000006',
          'protocol: ffff',
          'leader: ffff',
          'current state timestamp: ffffffffffffffff',
          'members: 00000000',
        ),
      ],
      ['group tombstone', groupTombstone('g1'), groupKey, null],
    ]
    for (const [what, record, key, value] of table) {
      const encoded = encodeRecord(record)
      expect(encoded.key.toString('hex'), what).toBe(key.toString('hex'))
      expect(encoded.value?.toString('hex'), what).toBe(value?.toString('hex'))
      expect(decodeRecord(encoded.key, encoded.value), what).toMatchObject({ groupId: 'g1' })
    }
  })

  it('reads offsets in every version that Kafka ever wrote', () => {
    const common = { offset: 9, metadata: 'm', committedAtMs: 5 }
    const head = 'offset: 0000000000000009'
    const tail = ['metadata: 0001 6d', 'committed: 0000000000000005']
    const table: [Buffer, Partial<CommittedOffset>][] = [
      [bytes('0000', head, ...tail), {}],
      [bytes('0001', head, ...tail, 'expires: 0000000000000008'), { expiresAtMs: 8 }],
      [bytes('0002', head, ...tail), {}],
      [bytes('0003', head, 'epoch: 00000004', ...tail), { leaderEpoch: 4 }],
      [
        bytes('0004', head, 'epoch: 00000004', 'metadata: 02 6d', 'at: 0000000000000005', '00'),
        { leaderEpoch: 4 },
      ],
    ]
    for (const [value, specific] of table) {
      for (const keyVersion of [0, 1]) {
        const key = Buffer.from(offsetKey)
        key.writeInt16BE(keyVersion)
        expect(decodeRecord(key, value)).toEqual({
          ...offsetRecord,
          value: { leaderEpoch: -1, expiresAtMs: -1, topicId: ZERO_UUID, ...common, ...specific },
        })
      }
    }
  })

  it('reads groups in every version that Kafka ever wrote', () => {
    const versions: Record<number, string[]> = {
      0: ['0001 78', '00000002', 'ffff', 'ffff', '00000000'],
      1: ['0001 78', '00000002', 'ffff', 'ffff', '00000000'],
      2: ['0001 78', '00000002', 'ffff', 'ffff', '0000000000000063', '00000000'],
      3: ['0001 78', '00000002', 'ffff', 'ffff', '0000000000000063', '00000000'],
      4: ['02 78', '00000002', '00', '00', '0000000000000063', '01', '00'],
    }
    for (const [version, fields] of Object.entries(versions)) {
      const value = bytes(`000${version}`, ...fields)
      const record = decodeRecord(groupKey, value)
      if (record?.kind !== 'group' || record.value === null) throw new Error('not a group')
      expect(fromMetadata('g1', record.value), `version ${version}`).toEqual({
        ...emptyGroup('g1'),
        generationId: 2,
        protocolType: 'x',
        stateSinceMs: Number(version) < 2 ? -1 : 99,
      })
    }
  })

  it('gives a stable group back, but for the protocols that were not chosen', () => {
    const { key, value } = encodeRecord(groupMetadataRecord(stableGroup))
    const record = decodeRecord(key, value)
    if (record?.kind !== 'group' || record.value === null) throw new Error('not a group')
    const [range] = member.protocols
    expect(fromMetadata('g1', record.value)).toEqual({
      ...stableGroup,
      previousState: 'Stable',
      members: new Map([[member.memberId, { ...member, protocols: [range] }]]),
    })
  })

  it('takes the session timeout for the rebalance timeout of a member from before 0.10.1', () => {
    const value = bytes(
      '0000',
      '0001 78',
      '00000002',
      '0001 70',
      '0001 6d',
      'members: 00000001',
      'id, client, host: 0001 6d 0001 63 0001 68',
      'session timeout: 00002710',
      'subscription, assignment: 00000000 00000000',
    )
    const record = decodeRecord(groupKey, value)
    if (record?.kind !== 'group' || record.value === null) throw new Error('not a group')
    expect(fromMetadata('g1', record.value).members.get('m')?.rebalanceTimeoutMs).toBe(10_000)
  })

  it('passes over kinds of records that belong to newer groups', () => {
    expect(decodeRecord(bytes('0003', '0002 6731'), bytes('0000', '00000001'))).toBeNull()
  })

  it('refuses a value of an unknown version, and bytes that end too early', () => {
    expect(() => decodeRecord(offsetKey, bytes('0005'))).toThrow(ProtocolError)
    expect(() => decodeRecord(groupKey, bytes('0003', '0008 63'))).toThrow(ProtocolError)
    expect(() => decodeRecord(bytes('00'), null)).toThrow(ProtocolError)
  })
})
