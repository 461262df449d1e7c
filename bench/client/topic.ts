import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  errorByCode,
  ListOffsetsRequest,
  ListOffsetsResponse,
} from '../../protocol/index.ts'
import { BenchError } from './bench-error.ts'
import type { FrameConnection } from './frame-connection.ts'
import { ask } from './request.ts'

const CREATE_TOPICS_VERSION = 4
const CREATE_PARTITIONS_VERSION = 1
/** Kafka's controller refuses what would need more than 10,000 records of its log at once. */
const PARTITIONS_AT_ONCE = 5_000
const LIST_OFFSETS_VERSION = 5
const LATEST = -1
const LEADER_TIMEOUT_MS = 120_000
const LEADER_POLL_MS = 20

/** Creates a topic with the broker's own defaults and waits until every partition can be used. */
export async function createTopic(
  connection: FrameConnection,
  name: string,
  partitions: number,
): Promise<void> {
  const atOnce = Math.min(partitions, PARTITIONS_AT_ONCE)
  const created = await requestTopic(connection, name, atOnce)
  if (created !== 0) throw new BenchError(`cannot create ${name}: ${errorName(created)}`)
  for (let count = atOnce; count < partitions; ) {
    count = Math.min(count + PARTITIONS_AT_ONCE, partitions)
    const grown = await requestPartitions(connection, name, count)
    if (grown !== 0) throw new BenchError(`cannot grow ${name}: ${errorName(grown)}`)
  }
  const deadlineMs = performance.now() + LEADER_TIMEOUT_MS
  while ((await readEnds(connection, name, partitions)).includes(-1)) {
    if (performance.now() > deadlineMs) throw new BenchError(`${name} has no leader`)
    await new Promise((resolve) => setTimeout(resolve, LEADER_POLL_MS))
  }
}

/** Asks for a topic and answers the error code. */
export async function requestTopic(
  connection: FrameConnection,
  name: string,
  partitions: number,
): Promise<number> {
  const topic = {
    name,
    numPartitions: partitions,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  }
  const { topics } = await ask(
    connection,
    CreateTopicsRequest,
    CreateTopicsResponse,
    CREATE_TOPICS_VERSION,
    { topics: [topic], timeoutMs: LEADER_TIMEOUT_MS },
  )
  return topics[0]?.errorCode ?? 0
}

/** Asks for so many partitions in all and answers the error code. */
async function requestPartitions(
  connection: FrameConnection,
  name: string,
  count: number,
): Promise<number> {
  const { results } = await ask(
    connection,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CREATE_PARTITIONS_VERSION,
    {
      topics: [{ name, count, assignments: null }],
      timeoutMs: LEADER_TIMEOUT_MS,
      validateOnly: false,
    },
  )
  return results[0]?.errorCode ?? 0
}

/**
 * The offset after the last record of each partition, -1 where there is an error. Asks the
 * partitions themselves: a broker's metadata may name a leader a moment before it takes a write.
 */
export async function readEnds(
  connection: FrameConnection,
  name: string,
  partitionCount: number,
): Promise<readonly number[]> {
  const partitions = Array.from({ length: partitionCount }, (_, partitionIndex) => ({
    partitionIndex,
    timestamp: LATEST,
  }))
  const { topics } = await ask(
    connection,
    ListOffsetsRequest,
    ListOffsetsResponse,
    LIST_OFFSETS_VERSION,
    { replicaId: -1, topics: [{ name, partitions }] },
  )
  const ends = Array.from({ length: partitionCount }, () => -1)
  for (const { partitionIndex, errorCode, offset } of topics[0]?.partitions ?? []) {
    if (errorCode === 0) ends[partitionIndex] = offset
  }
  return ends
}

/** The name of an error code, for messages. */
export function errorName(code: number): string {
  return errorByCode(code)?.name ?? `error ${code}`
}
