import type { ErrorName } from '../../protocol/index.ts'
import { errors, InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/index.ts'
import { actorOf } from './actor.ts'
import { accessOf, isAllowed, isAllowedOnCluster } from './authorize.ts'
import { errorCodeOf } from './error-code.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

const NO_PRODUCER_ID = -1n
const NO_EPOCH = -1

/**
 * InitProducerId v0-v5 (KIP-98, KIP-360): a producer id for an idempotent producer, always a new one
 * with epoch 0. A client that lost its state may name the id it had; without a transactional id that
 * entitles it to nothing, as in Kafka.
 *
 * A transactional id is refused with TRANSACTIONAL_ID_AUTHORIZATION_FAILED, which every client
 * reports at once instead of trying for a minute: there is no transaction coordinator yet.
 */
export const initProducerId = defineHandler(
  InitProducerIdRequest,
  InitProducerIdResponse,
  {
    versions: '0-5',
    stage: 'ordered',
    permissions: [
      { operation: 'IDEMPOTENT_WRITE', resource: 'CLUSTER' },
      { operation: 'WRITE', resource: 'TOPIC' },
      { operation: 'WRITE', resource: 'TRANSACTIONAL_ID' },
    ],
    skipped: [
      'Transactional ids: refused with TRANSACTIONAL_ID_AUTHORIZATION_FAILED until there are transactions.',
      'v6 (two-phase commit): unstable in Kafka 4.1.',
    ],
  },
  async (request, context, broker) => {
    const refusal = refusalOf(request, context, broker)
    if (refusal) return refused(errors[refusal].code)
    const next = await broker.producerIds.next(actorOf(context))
    if (next.kind === 'refused') return refused(errorCodeOf(next.error))
    return { errorCode: errors.NONE.code, producerId: next.producerId, producerEpoch: 0 }
  },
)

function refusalOf(
  request: InitProducerIdRequest,
  context: RequestContext,
  broker: BrokerServices,
): ErrorName | null {
  const { transactionalId, producerId, producerEpoch } = request
  const hasHalfAnId = (producerId === NO_PRODUCER_ID) !== (producerEpoch === NO_EPOCH)
  if (hasHalfAnId || transactionalId === '') return 'INVALID_REQUEST'
  if (transactionalId !== null) {
    isAllowed(context, broker, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)
    return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
  }
  // Who may write to some topic may do so idempotently (KIP-679).
  const mayWrite = accessOf(context, broker).mayOnAny('WRITE', 'TOPIC')
  return mayWrite || isAllowedOnCluster(context, broker, 'IDEMPOTENT_WRITE')
    ? null
    : 'CLUSTER_AUTHORIZATION_FAILED'
}

function refused(errorCode: number) {
  return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_EPOCH }
}
