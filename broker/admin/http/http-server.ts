import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServerTls } from '../../../kit/index.ts'
import { networkOf, plainAddress } from '../../../kit/index.ts'
import { PROBLEM_MEDIA_TYPE, Problem } from './problem.ts'

/** The address and all headers together. An address may carry a schema of Avro or Protobuf. */
export const MAX_HEADER_BYTES = 64 * 1024
/** For a TLS handshake, for the headers, and for the whole request: a client that takes longer is cut off. */
const HANDSHAKE_TIMEOUT_MS = 10_000
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** How often Node looks for those. */
const TIMEOUT_CHECK_MS = 5_000
const KEEP_ALIVE_MS = 72_000
/** Connections at a time, beyond which new ones are closed at once. */
const MAX_CONNECTIONS = 1_000
/** And of them from one IPv4 address or one /64 network of IPv6, so that nobody keeps everybody out. */
export const MAX_CONNECTIONS_OF_NETWORK = 250

// An import of `node:http` would load all that it exports, a WebSocket client among it.
const http = process.getBuiltinModule('node:http')

/**
 * Node's own server with the bounds of the admin port, not listening yet. `onRefused` is told of
 * addresses of which a connection was closed because there are too many.
 */
export function createHttpServer(
  tls: ServerTls | null,
  onRequest: RequestListener,
  onRefused: (address: string) => void = () => {},
): Server {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = tls ? secureServer(tls, limits, onRequest) : http.createServer(limits, onRequest)
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', answerClientError)
  server.on('drop', (dropped) => onRefused(plainAddress(dropped?.remoteAddress ?? '')))
  limitNetworks(server, onRefused)
  return server
}

/** Also connections on which no request ever comes, and handshakes that are not over, are counted. */
function limitNetworks(server: Server, onRefused: (address: string) => void): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    const network = networkOf(address)
    const count = counts.get(network) ?? 0
    if (count >= MAX_CONNECTIONS_OF_NETWORK) {
      socket.destroy()
      onRefused(address)
      return
    }
    counts.set(network, count + 1)
    socket.once('close', () => {
      const left = (counts.get(network) ?? 1) - 1
      if (left > 0) counts.set(network, left)
      else counts.delete(network)
    })
  })
}

function secureServer(tls: ServerTls, limits: object, onRequest: RequestListener): Server {
  const { createServer } = process.getBuiltinModule('node:https')
  const { key, cert, follow } = tls
  const options = { ...limits, key, cert, minVersion: 'TLSv1.2' } as const
  const server = createServer({ ...options, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, onRequest)
  server.once('close', follow(server))
  return server
}

/**
 * How to close a server with all its connections. Node's own `closeAllConnections` does not know those
 * whose TLS handshake is not over, and the server would wait for them.
 */
export function closerOf(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () =>
    new Promise((resolve) => {
      // Also when it never listened: what follows it ends with it.
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
}

/** Answers what is no HTTP request at all, or did not arrive in time; Node has read it, no route sees it. */
function answerClientError(error: Error & { readonly code?: string }, socket: Duplex): void {
  const problem = clientProblem(error.code)
  if (!problem || !socket.writable) {
    socket.destroy()
    return
  }
  const { row, document } = problem
  const body = JSON.stringify(document)
  const answer = [
    `HTTP/1.1 ${row.status} ${http.STATUS_CODES[row.status]}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
  // Not only our half: Node looks at no connection twice, and who keeps his open would have its place for good.
  socket.end(answer, () => socket.destroy())
}

/** Null for what happened below HTTP: before its TLS handshake is over, nobody can be answered. */
function clientProblem(code = ''): Problem | null {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', 'the address and the headers are too long together')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request-timeout', 'send the whole request in one go')
    default:
      return code.startsWith('HPE_') ? new Problem('invalid-request', 'not an HTTP request') : null
  }
}
