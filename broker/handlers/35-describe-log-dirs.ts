import type { Encodable } from '../../protocol/index.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse, errors } from '../../protocol/index.ts'
import type { PartitionLog } from '../log/index.ts'
import { isAllowedOnCluster } from './authorize.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

type DescribedTopic = Encodable<typeof DescribeLogDirsResponse>['results'][number]['topics'][number]

const UNKNOWN_SIZE = -1

/**
 * DescribeLogDirs v0-v4 (KIP-113, KIP-827): the one data directory with the size of each partition,
 * and what its file system has and has left. Quarantined partitions are shown with the bytes that
 * they occupy.
 */
export const describeLogDirs = defineHandler(
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
  {
    versions: '0-4',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'CLUSTER' }],
    notes: [
      'The size of a partition is that of its batches; what of them is still in the shared journal is counted once.',
    ],
  },
  async ({ topics }, context, broker) => {
    if (!isAllowedOnCluster(context, broker, 'DESCRIBE')) {
      return { errorCode: errors.CLUSTER_AUTHORIZATION_FAILED.code, results: [] }
    }
    const { path } = broker.logDirectory
    const space = await broker.logDirectory.space().catch((err: unknown) => {
      broker.logger.warn({ err, path }, 'the space left for the data directory is not known')
      return null
    })
    const error = broker.log.diskState === 'failed' ? errors.KAFKA_STORAGE_ERROR : errors.NONE
    return {
      errorCode: errors.NONE.code,
      results: [
        {
          errorCode: error.code,
          logDir: path,
          topics: topics === null ? everyTopic(broker) : chosenTopics(broker, topics),
          totalBytes: space?.totalBytes ?? UNKNOWN_SIZE,
          usableBytes: space?.freeBytes ?? UNKNOWN_SIZE,
        },
      ],
    }
  },
)

function everyTopic(broker: BrokerServices): DescribedTopic[] {
  const byTopic = new Map<string, PartitionLog[]>()
  for (const log of broker.log.logs()) {
    // Neither deleted topics nor what is no topic (`__secrets`) is shown to anybody.
    if (log.state === 'dropped' || !broker.control.state.topicsById.has(log.topicId)) continue
    const logs = byTopic.get(log.topicName)
    if (logs) logs.push(log)
    else byTopic.set(log.topicName, [log])
  }
  return [...byTopic].map(([name, logs]) => ({ name, partitions: logs.map(describe) }))
}

/** Partitions that do not exist are left out, as in Kafka. */
function chosenTopics(
  broker: BrokerServices,
  asked: NonNullable<DescribeLogDirsRequest['topics']>,
): DescribedTopic[] {
  const described: DescribedTopic[] = []
  for (const { topic: name, partitions } of asked) {
    const topic = broker.control.state.topics.get(name)
    if (!topic) continue
    const logs = [...new Set(partitions)].flatMap((index) => broker.log.find(topic.id, index) ?? [])
    if (logs.length > 0) described.push({ name, partitions: logs.map(describe) })
  }
  return described
}

function describe(log: PartitionLog) {
  return {
    partitionIndex: log.partition,
    partitionSize: log.sizeBytes,
    offsetLag: 0,
    isFutureKey: false,
  }
}
