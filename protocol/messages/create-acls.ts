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

export const CreateAclsRequest = request(30, 'CreateAcls', versions('0-3', { flexible: '2+' }), {
  creations: array({
    resourceType: int8(),
    resourceName: string(),
    resourcePatternType: int8({ versions: '1+', default: 3 }),
    principal: string(),
    host: string(),
    operation: int8(),
    permissionType: int8(),
  }),
})
export interface CreateAclsRequest extends TypeOf<typeof CreateAclsRequest> {}

export const CreateAclsResponse = response(30, 'CreateAcls', versions('0-3', { flexible: '2+' }), {
  throttleTimeMs: throttleTimeMs({ default: 0 }),
  results: array({
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
  }),
})
export interface CreateAclsResponse extends TypeOf<typeof CreateAclsResponse> {}
