import { errors, FetchRequest, FetchResponse } from '../../protocol/index.ts'
import { FetchCall } from './fetch/fetch-call.ts'
import { defineHandler } from './handler.ts'
import { isFetchHeld } from './throttling.ts'

const NO_SESSION = 0

/**
 * Fetch v0-v18 (KIP-74, KIP-98, KIP-227, KIP-320, KIP-392, KIP-516, KIP-951): reads partitions in
 * the order of the request or session. The bytes asked for are spent in that order, and at least
 * one whole batch is given once per request, however large, so that nobody gets stuck. When there is
 * less than `minBytes`, the request waits until the logs have grown enough; it never polls.
 *
 * Records go out as they are stored; clients before v4 get message sets of magic 0 or 1, converted
 * from at most 8 MiB a request. Where zstd cannot be understood (before v10) the partition answers
 * UNSUPPORTED_COMPRESSION_TYPE. A corrupt partition fails alone.
 */
export const fetch = defineHandler(
  FetchRequest,
  FetchResponse,
  {
    versions: '0-18',
    stage: 'read',
    permissions: [{ operation: 'READ', resource: 'TOPIC' }],
    notes: [
      'The rack id is accepted and of no consequence: there is one replica.',
      'v0 to v2 get at least one whole batch like all others, where Kafka cut a message off.',
    ],
    skipped: [
      'Fetching as a replica: refused with TOPIC_AUTHORIZATION_FAILED, as is everything that only followers say (last fetched epoch, diverging epoch).',
    ],
  },
  (request, context, broker) => {
    const { principal } = context.connection
    const scope = broker.fetchSessions.begin(request, context.apiVersion, principal)
    if (scope.kind === 'error') {
      return { errorCode: errors[scope.error].code, sessionId: NO_SESSION, responses: [] }
    }
    if (isFetchHeld(context, broker)) {
      const sessionId = scope.kind === 'incremental' ? scope.session.id : NO_SESSION
      return { errorCode: errors.NONE.code, sessionId, responses: [] }
    }
    return new FetchCall(request, scope, context, broker).run()
  },
)
