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

/**
 * Effective configurations of topics, brokers, loggers and others, with where each value comes
 * from.
 */
export const DescribeConfigsRequest = request(
  32,
  'DescribeConfigs',
  versions('0-4', { flexible: '4+' }),
  {
    resources: array({
      /** 2: topic, 4: broker, 8: broker logger, 16: client metrics, 32: group. */
      resourceType: int8(),
      /** For brokers the id as text, or empty for the cluster-wide default. */
      resourceName: string(),
      /** Null for all. */
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
        /** Replaced by configSource in version 1. */
        isDefault: bool({ versions: '0' }),
        /**
         * 1: topic, 2: this broker, 3: all brokers, 4: file, 5: default, 6: logger, 7: client
         * metrics, 8: group.
         */
        configSource: int8({ versions: '1+', default: -1, ignorable: true }),
        /** Then the value is null. */
        isSensitive: bool(),
        /** What would count if the ones before were not set, when asked for. */
        synonyms: array(DescribeConfigsSynonym, { versions: '1+', ignorable: true }),
        /**
         * 1: boolean, 2: string, 3: int, 4: short, 5: long, 6: double, 7: list, 8: class, 9:
         * password.
         */
        configType: int8({ versions: '3+', default: 0, ignorable: true }),
        documentation: string({ versions: '3+', nullable: '3+', ignorable: true }),
      }),
    }),
  },
)
export interface DescribeConfigsResponse extends TypeOf<typeof DescribeConfigsResponse> {}
