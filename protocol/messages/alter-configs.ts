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

/**
 * Replaces all of a resource's configurations: what is not named goes back to its default.
 * IncrementalAlterConfigs changes single ones and is what clients use today.
 */
export const AlterConfigsRequest = request(
  33,
  'AlterConfigs',
  versions('0-2', { flexible: '2+' }),
  {
    resources: array({
      /** As in DescribeConfigs. */
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
      }),
    }),
    validateOnly: bool(),
  },
)
export interface AlterConfigsRequest extends TypeOf<typeof AlterConfigsRequest> {}

export const AlterConfigsResponse = response(
  33,
  'AlterConfigs',
  versions('0-2', { flexible: '2+' }),
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
export interface AlterConfigsResponse extends TypeOf<typeof AlterConfigsResponse> {}
