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

/**
 * Lists resources that have configurations of their own. Version 0, then called
 * ListClientMetricsResources, knows client metrics only (KIP-714); 1 knows all types (KIP-1142).
 */
export const ListConfigResourcesRequest = request(
  74,
  'ListConfigResources',
  versions('0-1', { flexible: '0+' }),
  {
    /** As in DescribeConfigs; empty for all. */
    resourceTypes: array(int8(), { versions: '1+' }),
  },
)
export interface ListConfigResourcesRequest extends TypeOf<typeof ListConfigResourcesRequest> {}

export const ListConfigResourcesResponse = response(
  74,
  'ListConfigResources',
  versions('0-1', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    configResources: array({
      resourceName: string(),
      resourceType: int8({ versions: '1+', default: 16, ignorable: true }),
    }),
  },
)
export interface ListConfigResourcesResponse extends TypeOf<typeof ListConfigResourcesResponse> {}
