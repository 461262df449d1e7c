import type { TraceContext } from '../handlers/index.ts'

const TRACE_PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const INVALID_TRACE_ID = '0'.repeat(32)
const INVALID_SPAN_ID = '0'.repeat(16)
const SAMPLED = 0x01
/** What everybody has to pass on; of a longer one nothing is. */
const MAX_TRACE_STATE_LENGTH = 512

/**
 * Reads the headers `traceparent` and `tracestate` of W3C Trace Context. Null for a parent that is
 * none: of version ff, of version 00 with more behind it, or with an id of zeros. Versions to come
 * are read as far as they are known.
 */
export function readTraceContext(
  traceParent: string,
  traceState: string | null,
): TraceContext | null {
  const [, version, traceId, spanId, flags, more] = TRACE_PARENT.exec(traceParent) ?? []
  if (version === undefined || traceId === undefined || spanId === undefined) return null
  if (version === 'ff' || (version === '00' && more !== undefined)) return null
  if (traceId === INVALID_TRACE_ID || spanId === INVALID_SPAN_ID) return null
  const isSampled = (Number.parseInt(flags ?? '0', 16) & SAMPLED) !== 0
  const isKept = traceState !== null && traceState.length <= MAX_TRACE_STATE_LENGTH
  return { traceId, spanId, isSampled, traceState: isKept ? traceState : null }
}
