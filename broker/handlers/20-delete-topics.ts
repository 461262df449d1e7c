import { ZERO_UUID } from '../../kit/index.ts'
import type { Encodable } from '../../protocol/index.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse, errors } from '../../protocol/index.ts'
import type { DeleteTopic, Outcome } from '../control/index.ts'
import { accessOf } from './authorize.ts'
import { repeated } from './config-resources.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'
import { observeMalformed } from './malformed-attempts.ts'
import { executeWithinQuota } from './mutation-throttling.ts'
import type { BrokerServices } from './services.ts'

type Answer = Encodable<typeof DeleteTopicsResponse>['responses'][number]

/** What a client names a topic by. */
interface Asked {
  readonly name: string | null
  readonly topicId: string
}

const FIRST_WITH_TOPIC_IDS = 6
/** Clients before do not know TOPIC_DELETION_DISABLED. */
const FIRST_WITH_DELETION_DISABLED = 3
/** KIP-599: clients before are served, and held for it. */
const FIRST_WITH_THROTTLING_ERROR = 5

/**
 * DeleteTopics v0-v6 (KIP-4, KIP-516, KIP-599): deletes topics by name or, from v6, by id. The data stays
 * for `topic.undelete.retention.ms`, until when an operator can restore the topic. The broker's own
 * topics refuse.
 */
export const deleteTopics = defineHandler(
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  {
    versions: '0-6',
    stage: 'ordered',
    permissions: [
      { operation: 'DELETE', resource: 'TOPIC' },
      { operation: 'DESCRIBE', resource: 'TOPIC' },
    ],
    notes: ["The broker's own topics (`__consumer_offsets` and the like) answer POLICY_VIOLATION."],
    skipped: ['timeoutMs: the answer comes when the deletion is durable, however long that takes.'],
  },
  async (request, context, broker) => {
    const { apiVersion } = context
    const asked: readonly Asked[] =
      apiVersion >= FIRST_WITH_TOPIC_IDS
        ? request.topics
        : request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))
    const access = accessOf(context, broker)
    const isVisible = (name: string): boolean => access.may('DESCRIBE', 'TOPIC', name)
    const faults = requestFaults(asked, broker, isVisible)
    if (faults.size > 0) observeMalformed('topic.delete', context, broker)
    const sound = asked.filter((topic) => !faults.has(topic))
    // Looked up while they exist: the answer has both the name and the id, whichever was asked by.
    const found = sound.map((topic) => resolve(topic, broker))
    const outcomes = await executeWithinQuota(sound.map(commandOf), context, broker, {
      strictSince: FIRST_WITH_THROTTLING_ERROR,
    })
    const answers = new Map(
      sound.map((topic, index) => {
        const known = found[index] ?? topic
        // An id is no secret, the name behind it is one for those who may not describe the topic.
        const answer = answerOf(known, outcomes[index], apiVersion)
        if (isVisible(known.name ?? '')) return [topic, answer]
        return [topic, { ...answer, ...topic, errorMessage: null }]
      }),
    )
    return { responses: asked.map((topic) => answers.get(topic) ?? refused(topic, faults)) }
  },
)

/** What is wrong with a request before any topic is looked at. */
function requestFaults(
  asked: readonly Asked[],
  { control: { state } }: BrokerServices,
  isVisible: (name: string) => boolean,
): ReadonlyMap<Asked, string> {
  const faults = new Map<Asked, string>()
  for (const topic of repeated(asked, ({ name, topicId }) => `${topicId} ${name}`)) {
    faults.set(topic, topic.name === null ? 'Duplicate topic id.' : 'Duplicate topic name.')
  }
  const ids = new Set(asked.filter(({ name }) => name === null).map(({ topicId }) => topicId))
  for (const topic of asked) {
    const { name, topicId } = topic
    if (name === null && topicId === ZERO_UUID) {
      faults.set(topic, 'Neither topic name nor id were specified.')
    } else if (name !== null && topicId !== ZERO_UUID) {
      faults.set(topic, 'You may not specify both topic name and topic id.')
    } else if (name !== null && isVisible(name) && ids.has(state.topics.get(name)?.id ?? '')) {
      faults.set(topic, 'The provided topic name maps to an ID that was already supplied.')
    }
  }
  return faults
}

function resolve({ name, topicId }: Asked, { control: { state } }: BrokerServices): Asked | null {
  const topic = name === null ? state.topicsById.get(topicId) : state.topics.get(name)
  return topic ? { name: topic.name, topicId: topic.id } : null
}

function commandOf({ name, topicId }: Asked): DeleteTopic {
  return name === null ? { kind: 'topic.delete', id: topicId } : { kind: 'topic.delete', name }
}

function answerOf(
  { name, topicId }: Asked,
  outcome: Outcome<DeleteTopic> | undefined,
  apiVersion: number,
): Answer {
  const error = outcome?.error ?? 'UNKNOWN_SERVER_ERROR'
  const isUnknownToClient =
    error === 'TOPIC_DELETION_DISABLED' && apiVersion < FIRST_WITH_DELETION_DISABLED
  return {
    name,
    topicId,
    errorCode: errorCodeOf(isUnknownToClient ? 'INVALID_REQUEST' : error),
    errorMessage: outcome?.message ?? null,
  }
}

function refused(topic: Asked, faults: ReadonlyMap<Asked, string>): Answer {
  const errorMessage = faults.get(topic) ?? null
  const { name, topicId } = topic
  return { name, topicId, errorCode: errors.INVALID_REQUEST.code, errorMessage }
}
