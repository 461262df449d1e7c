import { errors, LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/index.ts'
import { isAllowed } from './authorize.ts'
import { defineHandler } from './handler.ts'

/** KIP-345: many members in one request, each answered for itself. */
const FIRST_VERSION_WITH_MEMBERS = 3

/**
 * LeaveGroup v0-v5: members leave, or an administrator removes them (static ones by instance id).
 * The reason that v5 may give (KIP-800) changes nothing.
 */
export const leaveGroup = defineHandler(
  LeaveGroupRequest,
  LeaveGroupResponse,
  {
    versions: '0-5',
    stage: 'ordered',
    permissions: [{ operation: 'READ', resource: 'GROUP' }],
  },
  async (request, context, broker) => {
    const { apiVersion } = context
    if (!isAllowed(context, broker, 'READ', 'GROUP', request.groupId)) {
      return { errorCode: errors.GROUP_AUTHORIZATION_FAILED.code, members: [] }
    }
    const isBatch = apiVersion >= FIRST_VERSION_WITH_MEMBERS
    const leaving = isBatch
      ? request.members
      : [{ memberId: request.memberId, groupInstanceId: null, reason: null }]
    const { error, members } = await broker.groups.leave(
      request.groupId,
      leaving.map(({ memberId, groupInstanceId, reason }) => ({
        ...{ memberId, groupInstanceId },
        ...(reason === null ? {} : { reason }),
      })),
    )
    if (!isBatch) {
      return { errorCode: errors[error === 'NONE' ? (members[0]?.error ?? error) : error].code }
    }
    return {
      errorCode: errors[error].code,
      members: members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        errorCode: errors[member.error].code,
      })),
    }
  },
)
