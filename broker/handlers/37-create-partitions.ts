import type { Encodable } from '../../protocol/index.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse, errors } from '../../protocol/index.ts'
import type { CreatePartitions } from '../control/index.ts'
import { repeated } from './config-resources.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'
import { executeWithinQuota } from './mutation-throttling.ts'

type AskedTopic = CreatePartitionsRequest['topics'][number]
type Answer = Encodable<typeof CreatePartitionsResponse>['results'][number]

/** KIP-599: clients before are served, and held for it. */
const FIRST_WITH_THROTTLING_ERROR = 3

/** CreatePartitions v0-v3 (KIP-195, KIP-599): gives topics more partitions. There is no way back. */
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
    if (duplicates.size > 0 && !validateOnly) {
      observeMalformed('topic.partitions.create', context, broker)
    }
    const asked = topics.filter((topic) => !duplicates.has(topic))
    const outcomes = await executeWithinQuota(asked.map(commandOf), context, broker, {
      strictSince: FIRST_WITH_THROTTLING_ERROR,
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

function commandOf({ name, count, assignments }: AskedTopic): CreatePartitions {
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
