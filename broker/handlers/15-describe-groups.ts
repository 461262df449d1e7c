import type { ErrorName } from '../../protocol/index.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse, errors } from '../../protocol/index.ts'
import type { GroupView } from '../groups/index.ts'
import { isAllowed } from './authorize.ts'
import { authorizedOperations, NOT_ASKED } from './authorized-operations.ts'
import { defineHandler } from './handler.ts'

/** KIP-1043: a group that does not exist has an error; before, it was one in state Dead. */
const FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND = 6

/**
 * DescribeGroups v0-v6: state and members of groups. Metadata and assignments are shown in Stable.
 * A group that is asked for several times is described once: it may be large, and its name is not.
 */
export const describeGroups = defineHandler(
  DescribeGroupsRequest,
  DescribeGroupsResponse,
  {
    versions: '0-6',
    stage: 'ordered',
    permissions: [{ operation: 'DESCRIBE', resource: 'GROUP' }],
  },
  async (request, context, broker) => {
    const { apiVersion } = context
    const groups = [...new Set(request.groups)].map(async (groupId) => {
      if (!isAllowed(context, broker, 'DESCRIBE', 'GROUP', groupId)) {
        return unknown(groupId, 'GROUP_AUTHORIZATION_FAILED', '')
      }
      const operations = request.includeAuthorizedOperations
        ? authorizedOperations(context, broker, 'GROUP', groupId)
        : NOT_ASKED
      const group = await broker.groups.describe(groupId)
      if (typeof group === 'string') return unknown(groupId, group, '')
      if (group !== null) return described(group, operations)
      return apiVersion >= FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND
        ? {
            ...unknown(groupId, 'GROUP_ID_NOT_FOUND', 'Dead'),
            errorMessage: `Group ${groupId} not found.`,
          }
        : { ...unknown(groupId, 'NONE', 'Dead'), authorizedOperations: operations }
    })
    return { groups: await Promise.all(groups) }
  },
)

function described(group: GroupView, authorizedOperations: number) {
  return {
    errorCode: errors.NONE.code,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType,
    protocolData: group.protocolName,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: member.metadata,
      memberAssignment: member.assignment,
    })),
    authorizedOperations,
  }
}

function unknown(groupId: string, error: ErrorName, groupState: string) {
  return {
    errorCode: errors[error].code,
    groupId,
    groupState,
    protocolType: '',
    protocolData: '',
    members: [],
  }
}
