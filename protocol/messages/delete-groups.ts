import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  request,
  response,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Deletes groups that have no members, with their offsets. */
export const DeleteGroupsRequest = request(
  42,
  'DeleteGroups',
  versions('0-2', { flexible: '2+' }),
  {
    groupsNames: array(groupId()),
  },
)
export interface DeleteGroupsRequest extends TypeOf<typeof DeleteGroupsRequest> {}

export const DeleteGroupsResponse = response(
  42,
  'DeleteGroups',
  versions('0-2', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    results: array({
      groupId: groupId(),
      errorCode: errorCode(),
    }),
  },
)
export interface DeleteGroupsResponse extends TypeOf<typeof DeleteGroupsResponse> {}
