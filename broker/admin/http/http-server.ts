import type { RequestListener, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AdminTls } from './admin-tls.ts'
import { PROBLEM_MEDIA_TYPE, Problem } from './problem.ts'

/** The address and all headers together. An address may carry a schema of Avro or Protobuf. */
export const MAX_HEADER_BYTES = 64 * 1024
/** For the headers, and for the whole request: a client that takes longer is cut off. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 72_000
/** Connections at a time, beyond which new ones are closed at once. */
const MAX_CONNECTIONS = 1_000

// An import of `node:http` would load all that it exports, a WebSocket client among it.
const http = process.getBuiltinModule('node:http')

/** Node's own server with the bounds of the admin port, not listening yet. */
export function createHttpServer(tls: AdminTls | null, onRequest: RequestListener): Server {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = tls ? secureServer(tls, limits, onRequest) : http.createServer(limits, onRequest)
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', answerClientError)
  return server
}

function secureServer(tls: AdminTls, limits: object, onRequest: RequestListener): Server {
  const { createServer } = process.getBuiltinModule('node:https')
  const { key, cert, follow } = tls
  const server = createServer({ ...limits, key, cert, minVersion: 'TLSv1.2' }, onRequest)
  server.once('close', follow(server))
  return server
}

/** Answers what is no HTTP request at all, or did not arrive in time; Node has read it, no route sees it. */
function answerClientError(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { row, document } = clientProblem(error.code)
  const body = JSON.stringify(document)
  socket.end(
    [
      `HTTP/1.1 ${row.status} ${http.STATUS_CODES[row.status]}`,
      `content-type: ${PROBLEM_MEDIA_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

function clientProblem(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', 'the address and the headers are too long together')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request-timeout', 'send the whole request in one go')
    default:
      return new Problem('invalid-request', 'not an HTTP request')
  }
}
