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

export const GetTelemetrySubscriptionsRequest = request(
  71,
  'GetTelemetrySubscriptions',
  versions('0', { flexible: '0+' }),
  {
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
    acceptedCompressionTypes: array(int8()),
    pushIntervalMs: int32(),
    telemetryMaxBytes: int32(),
    deltaTemporality: bool(),
    requestedMetrics: array(string()),
  },
)
export interface GetTelemetrySubscriptionsResponse
  extends TypeOf<typeof GetTelemetrySubscriptionsResponse> {}
