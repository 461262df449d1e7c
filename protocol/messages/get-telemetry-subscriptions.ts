import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  int8,
  int32,
  request,
  response,
  string,
  throttleTimeMs,
  uuid,
  versions,
} from '../schema/index.ts'

/** Asks which of its metrics a client shall push, and how often (KIP-714). */
export const GetTelemetrySubscriptionsRequest = request(
  71,
  'GetTelemetrySubscriptions',
  versions('0', { flexible: '0+' }),
  {
    /** Zero to be given one. */
    clientInstanceId: uuid(),
  },
)
export interface GetTelemetrySubscriptionsRequest
  extends TypeOf<typeof GetTelemetrySubscriptionsRequest> {}

export const GetTelemetrySubscriptionsResponse = response(
  71,
  'GetTelemetrySubscriptions',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    clientInstanceId: uuid(),
    subscriptionId: int32(),
    /** By preference: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
    acceptedCompressionTypes: array(int8()),
    pushIntervalMs: int32(),
    telemetryMaxBytes: int32(),
    /** True when counters shall be pushed as differences. */
    deltaTemporality: bool(),
    /** Prefixes of metric names; one empty string for all, none to push nothing. */
    requestedMetrics: array(string()),
  },
)
export interface GetTelemetrySubscriptionsResponse
  extends TypeOf<typeof GetTelemetrySubscriptionsResponse> {}
