import type { Encodable, ErrorName } from '../../protocol/index.ts'
import { errors, ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/index.ts'
import type { LogStore, PartitionLog, TimestampAndOffset } from '../log/index.ts'
import { CorruptSegmentError } from '../log/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'
import { checkLeaderEpoch, findPartition } from './partitions.ts'
import type { BrokerServices } from './services.ts'

type AskedPartition = ListOffsetsRequest['topics'][number]['partitions'][number]
type TopicAnswer = Encodable<typeof ListOffsetsResponse>['topics'][number]
type PartitionAnswer = TopicAnswer['partitions'][number]

/** Timestamps that stand for a place in the log, and the version that first knew them. */
const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const FIRST_VERSION_OF: ReadonlyMap<number, number> = new Map([
  [LATEST, 0],
  [EARLIEST, 0],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
])

const FIRST_WITH_LEADER_EPOCH = 4
const UNKNOWN = -1
const READ_COMMITTED = 1

/**
 * ListOffsets v0-v10 (KIP-79, KIP-98, KIP-320, KIP-734, KIP-405, KIP-1005, KIP-1075): where a
 * partition begins and ends, and the first record at or after a time, exact to the record.
 *
 * With read_committed the end is the last stable offset, and no record beyond it is found. Without
 * tiered storage the earliest local offset is the log start, and there is no latest tiered one.
 * v0 answers a list of offsets: the one asked for and, if there is room, the log start.
 */
export const listOffsets = defineHandler(
  ListOffsetsRequest,
  ListOffsetsResponse,
  {
    versions: '0-10',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'TOPIC' }],
    notes: [
      'v0 answers the first offset at or after the time and the log start; Kafka answers where its segments begin.',
    ],
    skipped: ['timeoutMs (v10): it bounds reads of tiered storage.'],
  },
  async (request, context, broker) => {
    const { apiVersion } = context
    const terms = { apiVersion, isCommitted: request.isolationLevel === READ_COMMITTED }
    const duplicates = namedTwice(request.topics)
    const topics: TopicAnswer[] = []
    // One after the other, as in Kafka: a request may name thousands, each of which may have to read a segment.
    for (const { name, partitions } of request.topics) {
      const isVisible = isAllowed(context, broker, 'DESCRIBE', 'TOPIC', name)
      const answers: PartitionAnswer[] = []
      for (const asked of partitions) {
        if (!isVisible) answers.push(refused(asked, 'TOPIC_AUTHORIZATION_FAILED'))
        else if (duplicates.has(asked)) answers.push(refused(asked, 'INVALID_REQUEST'))
        else answers.push(await answerPartition(broker, name, asked, terms))
      }
      topics.push({ name, partitions: answers })
    }
    return { topics }
  },
)

interface Terms {
  readonly apiVersion: number
  readonly isCommitted: boolean
}

async function answerPartition(
  broker: BrokerServices,
  topicName: string,
  asked: AskedPartition,
  terms: Terms,
): Promise<PartitionAnswer> {
  const { timestamp } = asked
  if (timestamp < 0 && terms.apiVersion < (FIRST_VERSION_OF.get(timestamp) ?? Infinity)) {
    return refused(asked, 'UNSUPPORTED_VERSION')
  }
  const topic = broker.control.state.topics.get(topicName)
  const log = findPartition(broker, topic, asked.partitionIndex)
  const error = typeof log === 'string' ? log : checkLeaderEpoch(log, asked.currentLeaderEpoch)
  if (typeof log === 'string' || error !== 'NONE') return refused(asked, error)

  let found: TimestampAndOffset | null
  try {
    found = await place(broker.log, log, timestamp, terms.isCommitted)
  } catch (cause) {
    // Old segments are read from the disk.
    if (cause instanceof CorruptSegmentError) return refused(asked, 'CORRUPT_MESSAGE')
    if (!isFromSystem(cause)) throw cause
    return refused(asked, 'KAFKA_STORAGE_ERROR')
  }
  return terms.apiVersion === 0 ? oldStyle(asked, log, found) : newStyle(asked, found, terms)
}

/** Whether the operating system failed: its errors have codes such as EIO, Node's own begin with ERR_. */
function isFromSystem(cause: unknown): boolean {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' && !code.startsWith('ERR_')
}

/** The offset that a timestamp stands for; null when there is none. */
async function place(
  store: LogStore,
  log: PartitionLog,
  timestamp: number,
  isCommitted: boolean,
): Promise<TimestampAndOffset | null> {
  const end = isCommitted ? log.lastStableOffset : log.highWatermark
  switch (timestamp) {
    case LATEST:
      return { timestampMs: UNKNOWN, offset: end, leaderEpoch: log.leaderEpoch }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return {
        timestampMs: UNKNOWN,
        offset: log.logStartOffset,
        leaderEpoch: store.epochOf(log, log.logStartOffset),
      }
    case LATEST_TIERED:
      return null
    default: {
      const found =
        timestamp === MAX_TIMESTAMP
          ? await store.findMaxTimestamp(log)
          : await store.findByTime(log, timestamp)
      return found && found.offset < end ? found : null
    }
  }
}

function newStyle(
  { partitionIndex }: AskedPartition,
  found: TimestampAndOffset | null,
  { apiVersion }: Terms,
): PartitionAnswer {
  return {
    partitionIndex,
    errorCode: errors.NONE.code,
    timestamp: found?.timestampMs ?? UNKNOWN,
    offset: found?.offset ?? UNKNOWN,
    leaderEpoch: apiVersion >= FIRST_WITH_LEADER_EPOCH ? (found?.leaderEpoch ?? UNKNOWN) : UNKNOWN,
  }
}

/** Newest first. A time after the last record stands for the end, as the old clients expect. */
function oldStyle(
  { partitionIndex, maxNumOffsets }: AskedPartition,
  log: PartitionLog,
  found: TimestampAndOffset | null,
): PartitionAnswer {
  const offsets = [...new Set([found?.offset ?? log.highWatermark, log.logStartOffset])]
  return {
    partitionIndex,
    errorCode: errors.NONE.code,
    oldStyleOffsets: offsets.slice(0, Math.max(0, maxNumOffsets)),
  }
}

function refused({ partitionIndex }: AskedPartition, error: ErrorName): PartitionAnswer {
  return { partitionIndex, errorCode: errors[error].code }
}

/** Partitions that are named more than once, be it in two entries of their topic. */
function namedTwice(topics: ListOffsetsRequest['topics']): ReadonlySet<AskedPartition> {
  const firstBy = new Map<string, Map<number, AskedPartition>>()
  const twice = new Set<AskedPartition>()
  for (const { name, partitions } of topics) {
    const ofTopic = firstBy.get(name) ?? new Map<number, AskedPartition>()
    firstBy.set(name, ofTopic)
    for (const asked of partitions) {
      const first = ofTopic.get(asked.partitionIndex)
      if (first) twice.add(first).add(asked)
      else ofTopic.set(asked.partitionIndex, asked)
    }
  }
  return twice
}
