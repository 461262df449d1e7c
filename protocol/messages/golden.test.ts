import { describe, expect, it } from 'vitest'
import type { Encodable, Message } from '../index.ts'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  ConsumerProtocolSubscription,
  codec,
  DescribeTopicPartitionsRequest,
  FetchRequest,
  FetchResponse,
  ListOffsetsResponse,
  MetadataRequest,
  OffsetCommitRequest,
  ProduceRequest,
  Reader,
  Writer,
} from '../index.ts'

// Bytes worked out by hand from the protocol guide (kafka.apache.org/protocol), one line for each
// field. A round trip would not notice a field that is wrong both ways; these would.

interface Golden {
  readonly title: string
  readonly message: Message
  readonly version: number
  readonly value: Readonly<Record<string, unknown>>
  readonly hex: string
}

function golden<M extends Message>(
  title: string,
  message: M,
  version: number,
  value: Encodable<M>,
  ...lines: string[]
): Golden {
  const hex = lines.map((line) => line.replace(/#.*/, '').replaceAll(' ', '')).join('')
  return { title, message, version, value, hex }
}

const TOPIC_ID = Buffer.from('00112233445566778899aabbccddeeff', 'hex').toString('base64url')

const GOLDEN: readonly Golden[] = [
  golden(
    'the first flexible request: compact strings and no tagged fields',
    ApiVersionsRequest,
    3,
    { clientSoftwareName: 'go', clientSoftwareVersion: '1' },
    '03 676f # compact string of 2',
    '02 31 # compact string of 1',
    '00 # no tagged fields',
  ),
  golden(
    'tagged fields are written only where they are not the default',
    ApiVersionsResponse,
    3,
    {
      errorCode: 0,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
      finalizedFeaturesEpoch: 5,
    },
    '0000 # error code',
    '02 0012 0000 0004 00 # compact array of 1, each element with its tagged fields',
    '00000000 # throttle time',
    '01 01 08 0000000000000005 # one tagged field: tag 1, 8 bytes',
  ),
  golden(
    'the oldest produce request: int32 lengths, nothing but the basics',
    ProduceRequest,
    0,
    {
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        { name: 't', partitionData: [{ index: 0, records: Buffer.from('abcd', 'hex') }] },
      ],
    },
    '0001 000003e8 # acks, timeout',
    '00000001 0001 74 # one topic',
    '00000001 00000000 # one partition, its index',
    '00000002 abcd # records',
  ),
  golden(
    'a flexible produce request: a tagged-field section ends every struct',
    ProduceRequest,
    9,
    {
      acks: -1,
      timeoutMs: 30_000,
      topicData: [
        { name: 't', partitionData: [{ index: 7, records: Buffer.from('abcdef', 'hex') }] },
      ],
    },
    '00 # transactional id: null',
    'ffff 00007530 # acks, timeout',
    '02 02 74 # one topic',
    '02 00000007 04 abcdef 00 # one partition',
    '00 00 # end of topic, end of request',
  ),
  golden(
    'topic ids take the place of names',
    ProduceRequest,
    13,
    { acks: 1, timeoutMs: 1, topicData: [{ topicId: TOPIC_ID, partitionData: [] }] },
    '00 0001 00000001',
    '02 00112233445566778899aabbccddeeff 01 00',
    '00',
  ),
  golden(
    'all topics are asked for by an empty array in version 0',
    MetadataRequest,
    0,
    { topics: [] },
    '00000000',
  ),
  golden('and by null in version 1', MetadataRequest, 1, { topics: null }, 'ffffffff'),
  golden(
    'a struct in a tagged field, behind its tag and size',
    FetchResponse,
    12,
    {
      sessionId: 9,
      responses: [
        {
          topic: 't',
          partitions: [
            {
              partitionIndex: 1,
              errorCode: 6,
              highWatermark: 10,
              abortedTransactions: null,
              records: null,
              currentLeader: { leaderId: 2, leaderEpoch: 3 },
            },
          ],
        },
      ],
    },
    '00000000 0000 00000009 # throttle time, error, session',
    '02 02 74 # one topic',
    '02 00000001 0006 # one partition: index, error',
    '000000000000000a ffffffffffffffff ffffffffffffffff # high watermark, LSO, log start',
    '00 ffffffff 00 # no aborted transactions, no preferred replica, no records',
    '01 01 09 00000002 00000003 00 # tag 1 of 9 bytes: leader id, epoch, end of struct',
    '00 00 # end of topic, end of response',
  ),
  golden(
    'the replica state of a consumer is the default and not written',
    FetchRequest,
    15,
    { maxWaitMs: 500, minBytes: 1, topics: [] },
    '000001f4 00000001 7fffffff 00 # wait, minimum, maximum, isolation',
    '00000000 ffffffff # session, epoch',
    '01 01 01 # no topics, none forgotten, no rack',
    '00',
  ),
  golden(
    'version 0 of ListOffsets answers with an array of offsets',
    ListOffsetsResponse,
    0,
    {
      topics: [
        { name: 't', partitions: [{ partitionIndex: 1, errorCode: 0, oldStyleOffsets: [300, 0] }] },
      ],
    },
    '00000001 0001 74 00000001',
    '00000001 0000',
    '00000002 000000000000012c 0000000000000000',
  ),
  golden(
    'no retention time of its own is written as -1',
    OffsetCommitRequest,
    2,
    {
      groupId: 'g',
      memberId: '',
      topics: [
        {
          name: 't',
          partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: null }],
        },
      ],
    },
    '0001 67 ffffffff 0000 ffffffffffffffff # group, generation, member, retention',
    '00000001 0001 74 00000001 00000000 0000000000000005 ffff',
  ),
  golden(
    'a nullable struct that is null is one byte',
    DescribeTopicPartitionsRequest,
    0,
    { topics: [{ name: 't' }], cursor: null },
    '02 02 74 00 # one topic',
    '000007d0 ff 00 # limit, no cursor',
  ),
  golden(
    'and one that is there begins with 1 (KIP-893)',
    DescribeTopicPartitionsRequest,
    0,
    { topics: [], responsePartitionLimit: 1, cursor: { topicName: 't', partitionIndex: 1 } },
    '01 00000001',
    '01 02 74 00000001 00',
    '00',
  ),
  golden(
    'data messages are never flexible where consumers made them up',
    ConsumerProtocolSubscription,
    1,
    { topics: ['t'], ownedPartitions: [{ topic: 't', partitions: [2] }] },
    '00000001 0001 74 ffffffff',
    '00000001 0001 74 00000001 00000002',
  ),
]

describe('golden bytes', () => {
  it.each(GOLDEN)('$message.name v$version: $title', ({ message, version, value, hex }) => {
    const writer = new Writer()
    codec(message, version).write(writer, value)
    expect(Buffer.concat(writer.finish()).toString('hex')).toBe(hex)

    const reader = new Reader(Buffer.from(hex, 'hex'))
    expect(codec(message, version).read(reader)).toMatchObject(value)
    expect(reader.remaining).toBe(0)
  })
})
