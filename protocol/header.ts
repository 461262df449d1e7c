import { ProtocolError } from './protocol-error.ts'
import type { Reader } from './reader.ts'
import type { Message } from './schema/index.ts'
import { isFlexible } from './schema/index.ts'
import type { Writer } from './writer.ts'

/** What stands before every request. */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  /** Chosen by the client, repeated in the response. */
  readonly correlationId: number
  readonly clientId: string | null
}

const CONTROLLED_SHUTDOWN_KEY = 7
const API_VERSIONS_KEY = 18

/**
 * Version of a request's header: 2 (tagged fields) when the request is flexible, else 1. Only
 * ControlledShutdown v0 had version 0, without a client id.
 */
export function requestHeaderVersion(request: Message, apiVersion: number): 0 | 1 | 2 {
  if (request.apiKey === CONTROLLED_SHUTDOWN_KEY && apiVersion === 0) return 0
  return isFlexible(request, apiVersion) ? 2 : 1
}

/**
 * Version of a response's header: 1 (tagged fields) when the response is flexible, else 0. An
 * ApiVersions response always has version 0, so that a client can read the answer to a version that
 * the broker does not know (KIP-511).
 */
export function responseHeaderVersion(response: Message, apiVersion: number): 0 | 1 {
  if (response.apiKey === API_VERSIONS_KEY) return 0
  return isFlexible(response, apiVersion) ? 1 : 0
}

/** API key and version, the two fields that decide how the rest of the header is read. */
export interface RequestKind {
  readonly apiKey: number
  readonly apiVersion: number
}

/** Looks at the first four bytes of a request without moving past them. */
export function peekRequestKind(reader: Reader): RequestKind {
  return reading('RequestHeader', 0, () => {
    const start = reader.position
    const apiKey = reader.int16()
    const apiVersion = reader.int16()
    reader.position = start
    return { apiKey, apiVersion }
  })
}

/** Reads a request's header. Unknown tagged fields are skipped. Throws a ProtocolError. */
export function readRequestHeader(reader: Reader, headerVersion: 0 | 1 | 2): RequestHeader {
  return reading('RequestHeader', headerVersion, () => {
    const apiKey = reader.int16()
    const apiVersion = reader.int16()
    const correlationId = reader.int32()
    const clientId = headerVersion >= 1 ? readClientId(reader) : null
    if (headerVersion >= 2) skipTaggedFields(reader)
    return { apiKey, apiVersion, correlationId, clientId }
  })
}

export function writeRequestHeader(
  writer: Writer,
  headerVersion: 0 | 1 | 2,
  header: RequestHeader,
): void {
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  if (headerVersion >= 1) {
    // Not compact even in version 2, so that a broker can read it from a client of the future.
    if (header.clientId === null) writer.int16(-1)
    else writer.string(header.clientId)
  }
  if (headerVersion >= 2) writer.unsignedVarint(0)
}

/** Reads a response's header and answers the correlation id. Throws a ProtocolError. */
export function readResponseHeader(reader: Reader, headerVersion: 0 | 1): number {
  return reading('ResponseHeader', headerVersion, () => {
    const correlationId = reader.int32()
    if (headerVersion >= 1) skipTaggedFields(reader)
    return correlationId
  })
}

export function writeResponseHeader(
  writer: Writer,
  headerVersion: 0 | 1,
  correlationId: number,
): void {
  writer.int32(correlationId)
  if (headerVersion >= 1) writer.unsignedVarint(0)
}

function readClientId(reader: Reader): string | null {
  const length = reader.stringLength()
  return length < 0 ? null : reader.text(length)
}

function skipTaggedFields(reader: Reader): void {
  const count = reader.taggedFieldCount()
  for (let i = 0; i < count; i++) {
    reader.unsignedVarint()
    reader.skip(reader.unsignedVarint())
  }
}

/** Names the header in the errors of what `read` reads. */
function reading<Value>(headerName: string, version: number, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw error instanceof ProtocolError ? error.of(headerName, version) : error
  }
}
