import type { TypeOf } from '../schema/index.ts'
import {
  bool,
  bytes,
  errorCode,
  int8,
  int32,
  request,
  response,
  throttleTimeMs,
  uuid,
  versions,
} from '../schema/index.ts'

/** A client's metrics in OTLP, compressed if the subscription allows it (KIP-714). */
export const PushTelemetryRequest = request(
  72,
  'PushTelemetry',
  versions('0', { flexible: '0+' }),
  {
    clientInstanceId: uuid(),
    subscriptionId: int32(),
    /** True for the last push of a client. */
    terminating: bool(),
    compressionType: int8(),
    metrics: bytes(),
  },
)
export interface PushTelemetryRequest extends TypeOf<typeof PushTelemetryRequest> {}

export const PushTelemetryResponse = response(
  72,
  'PushTelemetry',
  versions('0', { flexible: '0+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
  },
)
export interface PushTelemetryResponse extends TypeOf<typeof PushTelemetryResponse> {}
