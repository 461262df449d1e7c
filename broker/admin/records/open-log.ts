import type { Topic } from '../../control/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import { Problem } from '../http/problem.ts'

/** The log of a topic's partition; a Problem when there is none that can be used. */
export function openLog({ log }: BrokerServices, topic: Topic, partition: number): PartitionLog {
  const found = log.find(topic.id, partition)
  if (found?.state === 'open') return found
  const isThere = partition < topic.partitionCount
  throw new Problem(
    kafkaProblem(isThere ? 'KAFKA_STORAGE_ERROR' : 'UNKNOWN_TOPIC_OR_PARTITION'),
    `partition ${partition} of ${topic.name} ${isThere ? 'cannot be used' : 'does not exist'}`,
  )
}
