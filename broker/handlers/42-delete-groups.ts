import { DeleteGroupsRequest, DeleteGroupsResponse, errors } from '../../protocol/index.ts'
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
  async ({ groupsNames }, _context, broker) => {
    const results = [...new Set(groupsNames)].map(async (groupId) => ({
      groupId,
      errorCode: errors[await broker.groups.deleteGroup(groupId)].code,
    }))
    return { results: await Promise.all(results) }
  },
)
