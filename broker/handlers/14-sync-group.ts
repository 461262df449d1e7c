import { errors, SyncGroupRequest, SyncGroupResponse } from '../../protocol/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'

/** KIP-559: from here on a member must name the protocol that it believes to be in use. */
const FIRST_VERSION_WITH_PROTOCOL = 5

/** SyncGroup v0-v5: the leader brings the assignments, and every member waits for its own. */
export const syncGroup = defineHandler(
  SyncGroupRequest,
  SyncGroupResponse,
  {
    versions: '0-5',
    stage: 'ordered',
    permissions: [{ operation: 'READ', resource: 'GROUP' }],
  },
  async (request, context, broker) => {
    const { apiVersion } = context
    if (!isAllowed(context, broker, 'READ', 'GROUP', request.groupId)) {
      return refused(errors.GROUP_AUTHORIZATION_FAILED.code)
    }
    const namesProtocol = request.protocolType !== null && request.protocolName !== null
    if (apiVersion >= FIRST_VERSION_WITH_PROTOCOL && !namesProtocol) {
      return refused(errors.INCONSISTENT_GROUP_PROTOCOL.code)
    }
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

function refused(errorCode: number) {
  return { errorCode, protocolType: null, protocolName: null, assignment: Buffer.alloc(0) }
}
