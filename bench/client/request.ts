import type { Encodable, Message, TypeOf } from '../../protocol/index.ts'
import {
  codec,
  Reader,
  readResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
  writeRequestHeader,
} from '../../protocol/index.ts'
import type { FrameConnection } from './frame-connection.ts'

/**
 * Responses come in the order of their requests, so every request may bear the same number. That is
 * what lets one encoded frame be sent a million times.
 */
const CORRELATION_ID = 1

/** A request as the bytes that go out: size, header, body. */
export function encodeFrame<Req extends Message>(
  request: Req,
  version: number,
  body: Encodable<Req>,
): Buffer {
  const writer = new Writer()
  writer.int32(0)
  writeRequestHeader(writer, requestHeaderVersion(request, version), {
    apiKey: request.apiKey,
    apiVersion: version,
    correlationId: CORRELATION_ID,
    clientId: 'glasslog-bench',
  })
  codec(request, version).write(writer, body)
  writer.patchFirstInt32(writer.sizeBytes - 4)
  return Buffer.concat(writer.finish())
}

/** One request, one decoded response; for what is not measured. Nothing else may be in flight. */
export function ask<Req extends Message, Res extends Message>(
  connection: FrameConnection,
  request: Req,
  response: Res,
  version: number,
  body: Encodable<Req>,
): Promise<TypeOf<Res>> {
  const answer = new Promise<TypeOf<Res>>((resolve) => {
    connection.onFrame = (frame) => {
      const reader = new Reader(Buffer.from(frame))
      readResponseHeader(reader, responseHeaderVersion(response, version))
      resolve(codec(response, version).read(reader) as TypeOf<Res>)
    }
  })
  connection.send(encodeFrame(request, version, body))
  return Promise.race([answer, connection.failed])
}
