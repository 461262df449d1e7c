import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  groupId,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/**
 * Lists the groups of this broker, filtered by state (version 4, KIP-518) and type (version 5,
 * KIP-848).
 */
export const ListGroupsRequest = request(16, 'ListGroups', versions('0-5', { flexible: '3+' }), {
  /** Empty for all. */
  statesFilter: array(string(), { versions: '4+' }),
  /** "classic", "consumer", "share" and so on; empty for all. */
  typesFilter: array(string(), { versions: '5+' }),
})
export interface ListGroupsRequest extends TypeOf<typeof ListGroupsRequest> {}

export const ListGroupsResponse = response(16, 'ListGroups', versions('0-5', { flexible: '3+' }), {
  throttleTimeMs: throttleTimeMs({ versions: '1+', ignorable: true }),
  errorCode: errorCode(),
  groups: array({
    groupId: groupId(),
    protocolType: string(),
    groupState: string({ versions: '4+', ignorable: true }),
    groupType: string({ versions: '5+', ignorable: true }),
  }),
})
export interface ListGroupsResponse extends TypeOf<typeof ListGroupsResponse> {}
