import type { RecordHeader } from '../../protocol/index.ts'
import { batchHeader, RecordCursor, RecordsError } from '../../protocol/index.ts'
import type { RecordContext, TraceContext } from '../handlers/index.ts'
import { readTraceContext } from './trace-context.ts'

/** Records of a batch that are looked at. */
const MAX_RECORDS = 16
const MAX_HEADERS = 64
/** A batch that would take longer to decompress is left alone. */
const MAX_COMPRESSED_BYTES = 32 * 1024
const MAX_DECOMPRESSED_BYTES = 256 * 1024
/** A `traceparent` of version 00 has 55; later ones may have more. */
const MAX_PARENT_BYTES = 256
const MAX_STATE_BYTES = 1024

/**
 * The first of a batch's first records whose trace is recorded by whoever began it. Nobody has looked
 * at the records before: what is wrong with them is for those who read them.
 */
export function contextInBatch(batch: Uint8Array): RecordContext | null {
  const isCompressed = batchHeader.compressionType(batch) !== 'none'
  if (isCompressed && batch.length > MAX_COMPRESSED_BYTES) return null
  try {
    const records = new RecordCursor(batch, { maxDecompressedBytes: MAX_DECOMPRESSED_BYTES })
    const baseOffset = batchHeader.baseOffset(batch)
    for (let count = 0; count < MAX_RECORDS && records.next(); count++) {
      if (records.headerCount === 0 || records.headerCount > MAX_HEADERS) continue
      const context = contextInHeaders(records.headers())
      if (context?.isSampled) return { context, offsetDelta: records.offset - baseOffset }
    }
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
  }
  return null
}

function contextInHeaders(headers: readonly RecordHeader[]): TraceContext | null {
  const parent = textOf(headers, 'traceparent', MAX_PARENT_BYTES)
  if (parent === null) return null
  return readTraceContext(parent, textOf(headers, 'tracestate', MAX_STATE_BYTES))
}

function textOf(headers: readonly RecordHeader[], name: string, maxBytes: number): string | null {
  const value = headers.find(({ key }) => key === name)?.value
  return value && value.length <= maxBytes ? Buffer.from(value).toString('latin1') : null
}
