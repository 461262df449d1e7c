/** Bounds of the network room, by the broker's configuration. One live object: values may change while running. */
export interface NetworkSettings {
  /** `socket.request.max.bytes`: largest frame. */
  readonly socketRequestMaxBytes: number
  /** `queued.max.request.bytes`: bytes of requests in memory, over all connections; read once. */
  readonly queuedMaxRequestBytes: number
  /** `connections.max.idle.ms`: a connection without traffic and without a request is closed; negative never. */
  readonly connectionsMaxIdleMs: number
  /** `max.connections`, over all listeners. */
  readonly maxConnections: number
  /** `max.connections.per.ip`. */
  readonly maxConnectionsPerIp: number
  /** `max.connections.per.ip.overrides`: exceptions, `ADDRESS:COUNT`. */
  readonly maxConnectionsPerIpOverrides: readonly string[]
  /** `sasl.server.max.receive.size`: largest frame of a client that has not logged in. */
  readonly saslServerMaxReceiveSize: number
  /** `glasslog.login.timeout.ms`: from the connection to the end of TLS handshake and login. */
  readonly glasslogLoginTimeoutMs: number
  /** `connection.failed.authentication.delay.ms` (KIP-306). */
  readonly connectionFailedAuthenticationDelayMs: number
}

/** Segments take five eighths (broker/log); what is left is for the admin port, the journal and the rest. */
const SOCKETS_SHARE = 5 / 16

/**
 * Connections that a process may hold that may have so many files open. Were sockets to take all of them, the journal
 * could not open its next file, which ends the broker; and nobody needs a login to open sockets.
 */
export function connectionsWithin(openFileLimit: number): number {
  return Math.floor(openFileLimit * SOCKETS_SHARE)
}

/** Frames of a client that has not logged in; honest ones need six. */
export const MAX_FRAMES_BEFORE_LOGIN = 16

/** Requests of one connection that may be in the house at once; past it the socket is not read. */
export const MAX_IN_FLIGHT_REQUESTS = 64
/** Fetches of one connection that run at once: each may answer with many megabytes. */
export const MAX_OVERLAPPING_READS = 4
/** Response bytes waiting for one socket past which nothing new is started or read from it. */
export const MAX_UNSENT_BYTES = 1024 * 1024
/** A frame must be whole within this, or have come at least at the rate below. */
export const SLOW_FRAME_MS = 30_000
export const SLOW_FRAME_BYTES_PER_SECOND = 1024
/** A peer that takes nothing of a response for so long is cut off: it holds memory of the log. */
export const STALLED_SEND_MS = 60_000
