import type { Encodable } from '../../protocol/index.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse, errors } from '../../protocol/index.ts'
import type { Command } from '../control/index.ts'
import { actorOf } from './actor.ts'
import { repeated } from './config-resources.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

type AskedTopic = CreatePartitionsRequest['topics'][number]
type Answer = Encodable<typeof CreatePartitionsResponse>['results'][number]

/** CreatePartitions v0-v3 (KIP-195): gives topics more partitions. There is no way back. */
export const createPartitions = defineHandler(
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  {
    versions: '0-3',
    stage: 'ordered',
    permissions: [{ operation: 'ALTER', resource: 'TOPIC' }],
    skipped: ['timeoutMs: the answer comes when the history is durable, however long that takes.'],
  },
  async ({ topics, validateOnly }, context, broker) => {
    const duplicates = repeated(topics, ({ name }) => name)
    const asked = topics.filter((topic) => !duplicates.has(topic))
    const outcomes = await broker.control.execute(asked.map(commandOf), actorOf(context), {
      validateOnly,
    })
    const answers = asked.map(({ name }, index): Answer => {
      const outcome = outcomes[index]
      const errorCode = errorCodeOf(outcome?.error ?? 'UNKNOWN_SERVER_ERROR')
      return { name, errorCode, errorMessage: outcome?.message ?? null }
    })
    const duplicateNames = new Set([...duplicates].map(({ name }) => name))
    return { results: [...answers, ...[...duplicateNames].map(duplicateAnswer)] }
  },
)

function commandOf({ name, count, assignments }: AskedTopic): Command {
  return {
    kind: 'topic.partitions.create',
    name,
    totalCount: count,
    assignments: assignments?.map(({ brokerIds }) => brokerIds) ?? null,
  }
}

function duplicateAnswer(name: string): Answer {
  const errorCode = errors.INVALID_REQUEST.code
  return { name, errorCode, errorMessage: 'Duplicate topic name.' }
}
