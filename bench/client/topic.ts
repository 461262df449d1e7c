import {
  CreateTopicsRequest,
  CreateTopicsResponse,
  errorByCode,
  MetadataRequest,
  MetadataResponse,
} from '../../protocol/index.ts'
import { BenchError } from './bench-error.ts'
import type { FrameConnection } from './frame-connection.ts'
import { ask } from './request.ts'

const CREATE_TOPICS_VERSION = 4
const METADATA_VERSION = 8
const LEADER_TIMEOUT_MS = 15_000
const LEADER_POLL_MS = 20

/** Creates a topic with the broker's own defaults and waits until every partition has a leader. */
export async function createTopic(
  connection: FrameConnection,
  name: string,
  partitions: number,
): Promise<void> {
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
  const created = topics[0]?.errorCode ?? 0
  if (created !== 0) throw new BenchError(`cannot create ${name}: ${errorName(created)}`)
  const deadlineMs = performance.now() + LEADER_TIMEOUT_MS
  while (!(await hasLeaders(connection, name, partitions))) {
    if (performance.now() > deadlineMs) throw new BenchError(`${name} has no leader`)
    await new Promise((resolve) => setTimeout(resolve, LEADER_POLL_MS))
  }
}

async function hasLeaders(
  connection: FrameConnection,
  name: string,
  partitions: number,
): Promise<boolean> {
  const { topics } = await ask(connection, MetadataRequest, MetadataResponse, METADATA_VERSION, {
    topics: [{ name }],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  })
  const led = topics[0]?.partitions.filter((p) => p.errorCode === 0 && p.leaderId >= 0) ?? []
  return led.length === partitions
}

/** The name of an error code, for messages. */
export function errorName(code: number): string {
  return errorByCode(code)?.name ?? `error ${code}`
}
