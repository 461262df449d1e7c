import type { TypeOf } from '../schema/index.ts'
import {
  array,
  errorCode,
  int8,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Deletes every ACL that matches one of the filters, and answers which these were. */
export const DeleteAclsRequest = request(31, 'DeleteAcls', versions('0-3', { flexible: '2+' }), {
  filters: array({
    /** As in CreateAcls; 1 for any. */
    resourceTypeFilter: int8(),
    resourceNameFilter: string({ nullable: '0+' }),
    /** 1: any, 2: whatever applies to the name, 3: literal, 4: prefixed. */
    patternTypeFilter: int8({ versions: '1+', default: 3 }),
    principalFilter: string({ nullable: '0+' }),
    hostFilter: string({ nullable: '0+' }),
    operation: int8(),
    permissionType: int8(),
  }),
})
export interface DeleteAclsRequest extends TypeOf<typeof DeleteAclsRequest> {}

export const DeleteAclsResponse = response(31, 'DeleteAcls', versions('0-3', { flexible: '2+' }), {
  throttleTimeMs: throttleTimeMs({ default: 0 }),
  filterResults: array({
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    matchingAcls: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
      patternType: int8({ versions: '1+', default: 3 }),
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8(),
    }),
  }),
})
export interface DeleteAclsResponse extends TypeOf<typeof DeleteAclsResponse> {}
