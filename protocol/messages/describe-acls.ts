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

/** Lists the ACLs that match a filter; a field of null, or of type ANY, matches all. */
export const DescribeAclsRequest = request(
  29,
  'DescribeAcls',
  versions('0-3', { flexible: '2+' }),
  {
    /** As in CreateAcls; 1 for any. */
    resourceTypeFilter: int8(),
    resourceNameFilter: string({ nullable: '0+' }),
    /** 1: any, 2: whatever applies to the name, 3: literal, 4: prefixed. */
    patternTypeFilter: int8({ versions: '1+', default: 3 }),
    principalFilter: string({ nullable: '0+' }),
    hostFilter: string({ nullable: '0+' }),
    operation: int8(),
    permissionType: int8(),
  },
)
export interface DescribeAclsRequest extends TypeOf<typeof DescribeAclsRequest> {}

export const DescribeAclsResponse = response(
  29,
  'DescribeAcls',
  versions('0-3', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      patternType: int8({ versions: '1+', default: 3 }),
      acls: array({
        principal: string(),
        host: string(),
        operation: int8(),
        permissionType: int8(),
      }),
    }),
  },
)
export interface DescribeAclsResponse extends TypeOf<typeof DescribeAclsResponse> {}
