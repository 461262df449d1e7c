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

/** Adds ACLs. Version 1 adds patterns: literal or prefixed names (KIP-290). */
export const CreateAclsRequest = request(30, 'CreateAcls', versions('0-3', { flexible: '2+' }), {
  creations: array({
    /** 2: topic, 3: group, 4: cluster, 5: transactional id, 6: delegation token, 7: user. */
    resourceType: int8(),
    resourceName: string(),
    /** 3: literal, 4: prefixed. */
    resourcePatternType: int8({ versions: '1+', default: 3 }),
    principal: string(),
    host: string(),
    /**
     * 2: all, 3: read, 4: write, 5: create, 6: delete, 7: alter, 8: describe, 9: cluster action,
     * 10 and 11: describe and alter configs, 12: idempotent write, 13 and 14: create and describe
     * tokens, 15: two-phase commit.
     */
    operation: int8(),
    /** 2: deny, 3: allow. */
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
