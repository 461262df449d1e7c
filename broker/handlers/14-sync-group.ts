import { errors, SyncGroupRequest, SyncGroupResponse } from '../../protocol/index.ts'
import { defineHandler } from './handler.ts'

/**
 * SyncGroup v0-v5: the leader brings the assignments, and every member waits for its own. From v5
 * on the member says which protocol it believes to be in use (KIP-559).
 */
export const syncGroup = defineHandler(
  SyncGroupRequest,
  SyncGroupResponse,
  {
    versions: '0-5',
    stage: 'ordered',
    permissions: [{ operation: 'READ', resource: 'GROUP' }],
  },
  async (request, _context, broker) => {
    const { error, ...answer } = await broker.groups.sync({
      groupId: request.groupId,
      generationId: request.generationId,
      memberId: request.memberId,
      groupInstanceId: request.groupInstanceId,
      protocolType: request.protocolType,
      protocolName: request.protocolName,
      // Kept for as long as the generation is: copies, so that they do not hold the whole frame.
      assignments: request.assignments.map(({ memberId, assignment }) => ({
        memberId,
        assignment: Buffer.from(assignment),
      })),
    })
    return { errorCode: errors[error].code, ...answer }
  },
)
