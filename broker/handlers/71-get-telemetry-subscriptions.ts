import type { COMPRESSION_TYPES } from '../../protocol/index.ts'
import {
  compressionTypeId,
  errors,
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from '../../protocol/index.ts'
import { defineHandler } from './handler.ts'

/** What a push may be compressed with, the one that clients should take first. */
const ACCEPTED = (
  ['zstd', 'lz4', 'gzip', 'snappy'] as const satisfies (typeof COMPRESSION_TYPES)[number][]
).map(compressionTypeId)

/**
 * GetTelemetrySubscriptions v0 (KIP-714): what of its own metrics a client should push, how often,
 * and under which id of its own, which it gets the first time. Whoever asks again within the push
 * interval is answered THROTTLING_QUOTA_EXCEEDED, unless it has been told to ask again.
 */
export const getTelemetrySubscriptions = defineHandler(
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
  {
    versions: '0',
    stage: 'ordered',
    permissions: [],
    notes: ['Counters are asked for as differences (deltaTemporality).'],
  },
  ({ clientInstanceId }, context, { clientMetrics }) => {
    const answer = clientMetrics.subscribe(clientInstanceId, context)
    if (answer.error !== 'NONE') {
      return {
        ...{ errorCode: errors[answer.error].code, clientInstanceId, subscriptionId: 0 },
        ...{ acceptedCompressionTypes: [], pushIntervalMs: 0, telemetryMaxBytes: 0 },
        ...{ deltaTemporality: false, requestedMetrics: [] },
      }
    }
    return {
      errorCode: errors.NONE.code,
      clientInstanceId: answer.clientInstanceId,
      subscriptionId: answer.subscriptionId,
      acceptedCompressionTypes: ACCEPTED,
      pushIntervalMs: answer.pushIntervalMs,
      telemetryMaxBytes: answer.maxBytes,
      deltaTemporality: true,
      requestedMetrics: answer.metrics,
    }
  },
)
