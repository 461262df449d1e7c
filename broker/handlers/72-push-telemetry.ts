import { errors, PushTelemetryRequest, PushTelemetryResponse } from '../../protocol/index.ts'
import { defineHandler } from './handler.ts'

/**
 * PushTelemetry v0 (KIP-714): a client's metrics as OpenTelemetry's MetricsData, compressed or not.
 * The standard ones are exposed on /metrics, and all of them passed on to a collector where there
 * is one. What decompresses to more than `telemetry.max.bytes` is TELEMETRY_TOO_LARGE, what is no
 * MetricsData INVALID_RECORD. After a push that said it was the last there is none.
 */
export const pushTelemetry = defineHandler(
  PushTelemetryRequest,
  PushTelemetryResponse,
  { versions: '0', stage: 'ordered', permissions: [] },
  (request, context, { clientMetrics }) => {
    const { clientInstanceId, subscriptionId, terminating, compressionType, metrics } = request
    const push = { clientInstanceId, subscriptionId, compressionType, metrics }
    const error = clientMetrics.push({ ...push, isTerminating: terminating }, context)
    return { errorCode: errors[error].code }
  },
)
