import { errors, HeartbeatRequest, HeartbeatResponse } from '../../protocol/index.ts'
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
  async (request, _context, broker) => ({
    errorCode: errors[await broker.groups.heartbeat(request)].code,
  }),
)
