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

export const AlterConfigsRequest = request(
  33,
  'AlterConfigs',
  versions('0-2', { flexible: '2+' }),
  {
    resources: array({
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
