import { errors } from '../../../protocol/index.ts'
import type { ControlPlane, Topic } from '../../control/index.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import { Problem } from '../http/problem.ts'

/** The topic of a name; a Problem when there is none. */
export function existingTopic({ state }: ControlPlane, name: string): Topic {
  const topic = state.topics.get(name)
  if (topic) return topic
  const error = 'UNKNOWN_TOPIC_OR_PARTITION'
  throw new Problem(kafkaProblem(error), `there is no topic ${name}: ${errors[error].message}`)
}
