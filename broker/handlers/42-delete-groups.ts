import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/index.ts'
import { actorOf } from './actor.ts'
import { errorCodeOf } from './error-code.ts'
import { defineHandler } from './handler.ts'

/** DeleteGroups v0-v2 (KIP-229): groups without members go, with their offsets. */
export const deleteGroups = defineHandler(
  DeleteGroupsRequest,
  DeleteGroupsResponse,
  {
    versions: '0-2',
    stage: 'ordered',
    permissions: [{ operation: 'DELETE', resource: 'GROUP' }],
  },
  async ({ groupsNames }, context, broker) => {
    const groupIds = [...new Set(groupsNames)]
    const commands = groupIds.map((groupId) => ({ kind: 'group.delete', groupId }) as const)
    const outcomes = await broker.control.execute(commands, actorOf(context))
    return {
      results: groupIds.map((groupId, index) => ({
        groupId,
        errorCode: errorCodeOf(outcomes[index]?.error ?? 'UNKNOWN_SERVER_ERROR'),
      })),
    }
  },
)
