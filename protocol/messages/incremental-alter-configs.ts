import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  int8,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Changes single configurations of resources (KIP-339). */
export const IncrementalAlterConfigsRequest = request(
  44,
  'IncrementalAlterConfigs',
  versions('0-1', { flexible: '1+' }),
  {
    resources: array({
      /** As in DescribeConfigs. */
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        /** 0: set, 1: delete, 2: append to a list, 3: subtract from a list. */
        configOperation: int8(),
        value: string({ nullable: '0+' }),
      }),
    }),
    validateOnly: bool(),
  },
)
export interface IncrementalAlterConfigsRequest
  extends TypeOf<typeof IncrementalAlterConfigsRequest> {}

export const IncrementalAlterConfigsResponse = response(
  44,
  'IncrementalAlterConfigs',
  versions('0-1', { flexible: '1+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    responses: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
)
export interface IncrementalAlterConfigsResponse
  extends TypeOf<typeof IncrementalAlterConfigsResponse> {}
