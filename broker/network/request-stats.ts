import type { Handler } from '../handlers/index.ts'
import { SASL_MECHANISMS } from '../security/index.ts'
import { LatencyExemplars } from './latency-exemplars.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { ResponseErrors } from './response-errors.ts'

/** Why a connection ended, or was not accepted. A closed set: it is a metric's label. */
export type CloseReason =
  | 'client'
  | 'idle'
  | 'slow-frame'
  | 'stalled-send'
  | 'oversized-frame'
  | 'malformed-request'
  | 'unknown-api'
  | 'unsupported-version'
  | 'asked-by-handler'
  | 'handler-failed'
  | 'socket-error'
  | 'stopping'
  | 'too-many-connections'
  | 'too-many-from-address'
  | 'too-fast-from-address'
  | 'too-many-on-listener'
  | 'tls-failed'
  | 'not-logged-in'
  | 'login-failed'
  | 'login-timeout'
  | 'session-expired'

/** What one API did. Plain numbers that only grow; telemetry reads them. */
export class ApiStats {
  readonly apiKey: number
  readonly name: string
  requests = 0
  /** Requests by version: shows who still uses an old one. */
  readonly requestsByVersion: number[]
  requestBytes = 0
  responseBytes = 0
  /** Requests that ended with the connection instead of an answer. */
  failures = 0
  readonly errors = new ResponseErrors()
  /** From the last byte of the request to the start of its handler. */
  readonly queue = new LatencyHistogram()
  /** The handler's own work: checks, reading, appending, encoding. */
  readonly work = new LatencyHistogram()
  /** The handler's waiting: for the journal, for growth, for other members. */
  readonly wait = new LatencyHistogram()
  /** From the answer to the socket having taken its last byte, including earlier answers' turns. */
  readonly send = new LatencyHistogram()
  readonly total = new LatencyHistogram()
  /** For how long clients were told to stay away, where they were. */
  readonly throttle = new LatencyHistogram()
  /** Traced requests among `total`. */
  readonly exemplars = new LatencyExemplars()

  constructor(apiKey: number, name: string, maxVersion: number) {
    this.apiKey = apiKey
    this.name = name
    this.requestsByVersion = new Array<number>(maxVersion + 1).fill(0)
  }

  countVersion(version: number): void {
    this.requestsByVersion[version] = (this.requestsByVersion[version] ?? 0) + 1
  }
}

export interface LoginCounts {
  successes: number
  failures: number
}

/** What a listener and its connections did. */
export class RequestStats {
  readonly apis: ReadonlyMap<number, ApiStats>
  bytesIn = 0
  bytesOut = 0
  openConnections = 0
  acceptedConnections = 0
  requestsInFlight = 0
  /**
   * Logins by mechanism, re-authentications included; `SSL` for clients known by their certificate. All are there
   * from the start: a counter that appears with the first storm of logins has not increased.
   */
  readonly logins = new Map<string, LoginCounts>(
    [...SASL_MECHANISMS, 'SSL'].map((mechanism) => [mechanism, { successes: 0, failures: 0 }]),
  )
  readonly closed: Record<CloseReason, number> = {
    client: 0,
    idle: 0,
    'slow-frame': 0,
    'stalled-send': 0,
    'oversized-frame': 0,
    'malformed-request': 0,
    'unknown-api': 0,
    'unsupported-version': 0,
    'asked-by-handler': 0,
    'handler-failed': 0,
    'socket-error': 0,
    stopping: 0,
    'too-many-connections': 0,
    'too-many-from-address': 0,
    'too-fast-from-address': 0,
    'too-many-on-listener': 0,
    'tls-failed': 0,
    'not-logged-in': 0,
    'login-failed': 0,
    'login-timeout': 0,
    'session-expired': 0,
  }

  constructor(handlers: readonly Handler[]) {
    this.apis = new Map(
      handlers.map((handler) => [
        handler.apiKey,
        new ApiStats(handler.apiKey, handler.name, handler.versions.max),
      ]),
    )
  }

  /** The counters of a mechanism; the mechanisms are a closed set. */
  loginsBy(mechanism: string): LoginCounts {
    const known = this.logins.get(mechanism)
    if (known) return known
    const counts = { successes: 0, failures: 0 }
    this.logins.set(mechanism, counts)
    return counts
  }
}
