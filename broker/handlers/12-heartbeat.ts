import { errors, HeartbeatRequest, HeartbeatResponse } from '../../protocol/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'

/** Heartbeat v0-v4: a member shows life, and learns when it has to join again. */
export const heartbeat = defineHandler(
  HeartbeatRequest,
  HeartbeatResponse,
  {
    versions: '0-4',
    stage: 'ordered',
    permissions: [{ operation: 'READ', resource: 'GROUP' }],
  },
  async (request, context, broker) => {
    if (!isAllowed(context, broker, 'READ', 'GROUP', request.groupId)) {
      return { errorCode: errors.GROUP_AUTHORIZATION_FAILED.code }
    }
    return { errorCode: errors[await broker.groups.heartbeat(request)].code }
  },
)
