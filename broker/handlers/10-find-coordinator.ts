import type { ErrorName } from '../../protocol/index.ts'
import { errors, FindCoordinatorRequest, FindCoordinatorResponse } from '../../protocol/index.ts'
import { isAllowed } from './authorize.ts'
import type { RequestContext } from './handler.ts'
import { defineHandler } from './handler.ts'
import type { BrokerServices } from './services.ts'

const KEY_TYPE = { group: 0, transaction: 1, share: 2 } as const
/** Many keys in one request (KIP-699). */
const FIRST_VERSION_WITH_KEYS = 4

/**
 * FindCoordinator v0-v6: which broker coordinates a group. On one machine that is this one; the
 * first request creates `__consumer_offsets` and is answered when it is there.
 *
 * For a transactional id the answer is TRANSACTIONAL_ID_AUTHORIZATION_FAILED, which every client
 * reports at once instead of trying for a minute: there is no transaction coordinator yet.
 */
export const findCoordinator = defineHandler(
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  {
    versions: '0-6',
    stage: 'ordered',
    permissions: [
      { operation: 'DESCRIBE', resource: 'GROUP' },
      { operation: 'DESCRIBE', resource: 'TRANSACTIONAL_ID' },
    ],
    skipped: [
      'Transactional ids: refused with TRANSACTIONAL_ID_AUTHORIZATION_FAILED until there are transactions.',
      'Share groups (key type 2): refused with INVALID_REQUEST, as by a broker without them.',
    ],
  },
  async (request, context, broker) => {
    const { keyType } = request
    if (context.apiVersion < FIRST_VERSION_WITH_KEYS) {
      return place(await coordinatorOf(request.key, keyType, context, broker), context, broker)
    }
    const coordinators = request.coordinatorKeys.map(async (key) => ({
      key,
      ...place(await coordinatorOf(key, keyType, context, broker), context, broker),
    }))
    return { coordinators: await Promise.all(coordinators) }
  },
)

async function coordinatorOf(
  key: string,
  keyType: number,
  context: RequestContext,
  broker: BrokerServices,
): Promise<ErrorName> {
  switch (keyType) {
    case KEY_TYPE.group:
      return isAllowed(context, broker, 'DESCRIBE', 'GROUP', key)
        ? broker.groups.findCoordinator(key)
        : 'GROUP_AUTHORIZATION_FAILED'
    case KEY_TYPE.transaction:
      // The answer is the same for those who may: see above.
      isAllowed(context, broker, 'DESCRIBE', 'TRANSACTIONAL_ID', key)
      return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
    default:
      return 'INVALID_REQUEST'
  }
}

function place(error: ErrorName, { connection }: RequestContext, { node }: BrokerServices) {
  const errorCode = errors[error].code
  if (error !== 'NONE') {
    return { errorCode, errorMessage: errors[error].message, nodeId: -1, host: '', port: -1 }
  }
  return { errorCode, errorMessage: null, nodeId: node.id, ...node.endpoint(connection) }
}
