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

const DescribeConfigsSynonym = {
  name: string(),
  value: string({ nullable: '0+' }),
  source: int8(),
}

export const DescribeConfigsRequest = request(
  32,
  'DescribeConfigs',
  versions('0-4', { flexible: '4+' }),
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: array(string(), { nullable: '0+' }),
    }),
    includeSynonyms: bool({ versions: '1+', default: false }),
    includeDocumentation: bool({ versions: '3+', default: false }),
  },
)
export interface DescribeConfigsRequest extends TypeOf<typeof DescribeConfigsRequest> {}

export const DescribeConfigsResponse = response(
  32,
  'DescribeConfigs',
  versions('0-4', { flexible: '4+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    results: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
        readOnly: bool(),
        isDefault: bool({ versions: '0' }),
        configSource: int8({ versions: '1+', default: -1, ignorable: true }),
        isSensitive: bool(),
        synonyms: array(DescribeConfigsSynonym, { versions: '1+', ignorable: true }),
        configType: int8({ versions: '3+', default: 0, ignorable: true }),
        documentation: string({ versions: '3+', nullable: '3+', ignorable: true }),
      }),
    }),
  },
)
export interface DescribeConfigsResponse extends TypeOf<typeof DescribeConfigsResponse> {}
