import type { Server, Socket } from 'node:net'
import type { Clock, Logger, Timers } from '../../kit/index.ts'
import { plainAddress } from '../../kit/index.ts'
import type {
  AdvertisedEndpoint,
  BrokerServices,
  Handler,
  RequestTracer,
} from '../handlers/index.ts'
import type { Identity, LoginFailure } from '../security/index.ts'
import { ANONYMOUS, PLAINTEXT } from '../security/index.ts'
import type { ListenerConfig } from './bound-listener.ts'
import { BoundListener } from './bound-listener.ts'
import { ByteBudget } from './byte-budget.ts'
import { ClientTable } from './client-stats.ts'
import type { ConnectionEnvironment } from './connection.ts'
import { Connection } from './connection.ts'
import type { ConnectionPlace } from './connection-limits.ts'
import { ConnectionLimits, limitOfAddress } from './connection-limits.ts'
import { FrameBuffers } from './frame-buffers.ts'
import { HeldSockets } from './held-sockets.ts'
import type { NetworkSettings } from './network-settings.ts'
import { RECEIVE_BYTES } from './receiving-socket.ts'
import type { CloseReason } from './request-stats.ts'
import { RequestStats } from './request-stats.ts'
import type { HandshakeOutcome } from './tls-handshakes.ts'
import { TlsHandshakes } from './tls-handshakes.ts'

/** One connection, for operators. Numbers move; read them when needed. */
export interface ConnectionInfo {
  readonly id: number
  readonly address: string
  readonly listener: string
  readonly principal: string
  readonly identity: Identity
  readonly softwareName: string
  readonly softwareVersion: string
  readonly openedAtMs: number
  readonly requests: number
  readonly requestsInFlight: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** What the client called itself in its last request; empty before. */
  readonly clientId: string
  /** The API of the last request, and when it came; null and 0 before there was one. */
  readonly lastApi: string | null
  readonly lastRequestAtMs: number
  /** When bytes came or went last, by the clock of deadlines. */
  readonly lastActivityMonotonicMs: number
}

/** What happened on the way in that an operator may ask about. */
export type NetworkEvent =
  | {
      readonly kind: 'connection-closed'
      readonly connection: ConnectionInfo
      readonly reason: CloseReason
      readonly detail: string
    }
  | {
      readonly kind: 'connection-refused'
      readonly address: string
      readonly listener: string
      readonly reason: CloseReason
    }
  | { readonly kind: 'logged-in'; readonly connection: ConnectionInfo }
  | {
      readonly kind: 'login-failed'
      readonly connection: ConnectionInfo
      readonly failure: LoginFailure
    }
  | {
      /** A TLS handshake that came to nothing: there is no connection to speak of. */
      readonly kind: 'tls-failed'
      readonly address: string
      readonly listener: string
      readonly detail: string
      readonly isTimeout: boolean
    }

export interface KafkaServerOptions {
  readonly listeners: readonly ListenerConfig[]
  readonly handlers: readonly Handler[]
  readonly services: BrokerServices
  readonly settings: NetworkSettings
  /** Connections that there are files for, whatever `max.connections` says; the default is for tests. */
  readonly maxConnections?: number
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  /** Decides which requests are traced. */
  readonly tracer?: RequestTracer
  /** Client ids that are counted each for itself; the default is for tests. */
  readonly maxClientIds?: number
  /** Told of every end of a connection; must be cheap, and must not throw. */
  readonly onEvent?: (event: NetworkEvent) => void
}

/** A listener that is bound and does not let anybody in yet. */
export interface PreparedListener {
  /** Takes connections, in place of the listener of that name that there was. */
  commit(): void
  /** As if it had never been prepared. */
  abort(): Promise<void>
}

/** The Kafka side of the broker: its listeners and their connections. */
export interface KafkaServer {
  readonly stats: RequestStats
  readonly clients: ClientTable
  /** Binds every listener; rejects, with none left open, when one cannot be bound. */
  start(): Promise<void>
  /** Where a listener is bound; throws before `start`. */
  boundTo(listener: string): AdvertisedEndpoint
  /**
   * Binds a listener that there will be, or an existing one anew, and lets nobody in by it yet.
   * Rejects when it cannot be bound; then all is as before.
   */
  prepare(listener: ListenerConfig): Promise<PreparedListener>
  /** Takes no more connections there; those that came by it end once what they asked is answered. */
  closeListener(listener: string): void
  connections(): Iterable<ConnectionInfo>
  /**
   * Takes no more connections or requests, answers those in flight for at most `deadlineMs`, and
   * closes everything. A second call waits for the first.
   */
  stop(deadlineMs: number): Promise<void>
}

const DEADLINE_CHECK_MS = 1000
const LISTENER_GONE = 'its listener is gone, or is another'
/** Of clients that are counted each for itself. */
export const DEFAULT_MAX_CLIENT_IDS = 100
/** Connections that the kernel may hold before they are accepted. */
const BACKLOG = 511

export function createKafkaServer(options: KafkaServerOptions): KafkaServer {
  return new Listeners(options)
}

class Listeners implements KafkaServer {
  readonly stats: RequestStats
  readonly clients: ClientTable
  readonly #options: KafkaServerOptions
  readonly #limits: ConnectionLimits
  readonly #environment: ConnectionEnvironment
  readonly #listeners = new Map<string, BoundListener>()
  readonly #connections = new Set<Connection>()
  readonly #handshakes = new TlsHandshakes()
  readonly #held: HeldSockets
  #lastConnectionId = 0
  #cancelChecks: () => void = () => {}
  #stopFollowingQuotas: () => void = () => {}
  #stopping: Promise<void> | undefined
  #onLastGone: () => void = () => {}

  constructor(options: KafkaServerOptions) {
    this.#options = options
    this.stats = new RequestStats(options.handlers)
    this.clients = new ClientTable(options.clock, options.maxClientIds ?? DEFAULT_MAX_CLIENT_IDS)
    this.#held = new HeldSockets(options.timers)
    const { settings, services, clock, timers, logger, tracer } = options
    this.#environment = {
      ...{ settings, services, clock, timers, logger, tracer },
      handlers: new Map(options.handlers.map((handler) => [handler.apiKey, handler])),
      stats: this.stats,
      clients: this.clients,
      budget: new ByteBudget(settings.queuedMaxRequestBytes),
      frameBuffers: new FrameBuffers(),
      receiveBuffer: Buffer.allocUnsafeSlow(RECEIVE_BYTES),
      onLogin: (connection, failure) => this.#onLogin(connection, failure),
      onGone: (connection, reason, detail) => this.#gone(connection, reason, detail),
    }
    this.#limits = new ConnectionLimits({
      maxTotal: () => Math.min(settings.maxConnections, options.maxConnections ?? Infinity),
      maxFromNetwork: () => settings.maxConnectionsPerIp,
      ownLimitOf: (address) => limitOfAddress(address, settings.maxConnectionsPerIpOverrides),
      maxOnListener: (listener) => this.#listeners.get(listener)?.config.maxConnections ?? Infinity,
    })
  }

  async start(): Promise<void> {
    const { listeners, timers, clock, settings, services } = this.#options
    try {
      for (const config of listeners) {
        const bound = new BoundListener(config)
        this.#listeners.set(config.name, bound)
        await this.#bind(bound)
        bound.isOpen = true
      }
    } catch (cause) {
      await this.#closeServers()
      this.#listeners.clear()
      throw cause
    }
    this.#stopFollowingQuotas = services.quotas.onChange(() => {
      for (const connection of this.#connections) connection.reconsiderThrottle()
    })
    this.#cancelChecks = timers.every(DEADLINE_CHECK_MS, () => {
      const nowMs = clock.monotonicMs()
      for (const connection of this.#connections) connection.checkDeadlines(nowMs)
      this.#handshakes.checkDeadlines(nowMs, settings.glasslogLoginTimeoutMs)
    })
  }

  boundTo(listener: string): AdvertisedEndpoint {
    const boundAt = this.#listeners.get(listener)?.boundAt
    if (!boundAt) throw new Error(`listener ${listener} is not bound`)
    return boundAt
  }

  async prepare(config: ListenerConfig): Promise<PreparedListener> {
    const present = this.#listeners.get(config.name)
    const port = present ? this.boundTo(config.name).port : 0
    const isSamePort = present && (config.port === port || config.port === present.config.port)
    if (present && isSamePort && config.host === present.config.host) {
      return { commit: () => this.#reconfigure(present, config), abort: async () => {} }
    }
    const bound = new BoundListener(config)
    // One port cannot be bound twice, at two addresses of which one holds the other.
    const takesOver = present !== undefined && config.port === port
    if (takesOver) present.release()
    const giveBack = async (): Promise<void> => {
      bound.release()
      if (takesOver) await this.#bind(present, port)
    }
    try {
      await this.#bind(bound)
    } catch (cause) {
      await giveBack()
      throw cause
    }
    return {
      commit: () => {
        this.closeListener(config.name)
        this.#listeners.set(config.name, bound)
        bound.isOpen = true
      },
      abort: () => giveBack().catch((err) => this.#failed(config.name, err)),
    }
  }

  closeListener(listener: string): void {
    const bound = this.#listeners.get(listener)
    if (!bound) return
    this.#listeners.delete(listener)
    bound.release()
    this.#endConnections(listener)
  }

  /** Who is connected may stay where nothing has changed for them. */
  #reconfigure(bound: BoundListener, config: ListenerConfig): void {
    const before = bound.config.security ?? PLAINTEXT
    bound.config = config
    const after = config.security ?? PLAINTEXT
    if (after.protocol !== before.protocol) this.#endConnections(config.name)
  }

  #endConnections(listener: string): void {
    for (const connection of this.#connections) {
      if (connection.listener === listener) connection.stop(LISTENER_GONE)
    }
  }

  #failed(listener: string, err: unknown): void {
    this.#options.logger.error({ err, listener }, 'a listener failed')
  }

  connections(): Iterable<ConnectionInfo> {
    return this.#connections
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopping ??= this.#stopOnce(deadlineMs)
    return this.#stopping
  }

  async #stopOnce(deadlineMs: number): Promise<void> {
    this.#cancelChecks()
    this.#stopFollowingQuotas()
    this.#held.destroyAll()
    const closed = this.#closeServers()
    this.#handshakes.destroyAll()
    const allGone = new Promise<void>((resolve) => {
      this.#onLastGone = resolve
      if (this.#connections.size === 0) resolve()
    })
    const cancel = this.#options.timers.after(deadlineMs, () => {
      for (const connection of this.#connections) connection.destroy('stopping', 'deadline')
    })
    for (const connection of this.#connections) connection.stop()
    await allGone
    cancel()
    await closed
  }

  async #closeServers(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((bound) => bound.close()))
  }

  #bind(bound: BoundListener, port = bound.config.port): Promise<void> {
    const { server, config } = bound
    server.removeAllListeners('connection')
    server.on('connection', (socket) => this.#accept(socket, bound))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: config.host, port, backlog: BACKLOG }, () => {
        server.removeAllListeners('error')
        server.on('error', (err) => this.#failed(config.name, err))
        bound.boundAt = addressOf(server)
        resolve()
      })
    })
  }

  #accept(socket: Socket, bound: BoundListener): void {
    const { config: listener, isOpen } = bound
    if (socket.remoteAddress === undefined || !isOpen) {
      // Gone before it was accepted, or here before it may be.
      socket.destroy()
      return
    }
    const place = { address: plainAddress(socket.remoteAddress), listener: listener.name }
    const entered = this.#stopping ? 'stopping' : this.#limits.enter(place)
    if (entered !== 'entered') {
      this.#refuse(socket, place, entered)
      return
    }
    const holdMs = this.#options.services.quotas.connected(place.address)
    if (holdMs > 0) {
      this.#hold(socket, place, holdMs)
      return
    }
    this.stats.acceptedConnections++
    this.stats.openConnections++
    const { tls, sasl } = listener.security ?? PLAINTEXT
    const acceptedAtMonotonicMs = this.#options.clock.monotonicMs()
    const open = (opened: Socket, identity: Identity): void => {
      const id = ++this.#lastConnectionId
      const localAddress = plainAddress(opened.localAddress ?? '')
      const arrival = { identity, sasl, acceptedAtMonotonicMs }
      const { remotePort = 0 } = opened
      const accepted = { id, ...place, remotePort, localAddress, ...arrival }
      this.#connections.add(new Connection(opened, accepted, this.#environment))
    }
    if (!tls) {
      open(socket, ANONYMOUS)
      return
    }
    this.#handshakes.begin(socket, tls, acceptedAtMonotonicMs, (outcome) => {
      if (outcome.kind === 'secured' && !this.#stopping && this.#isStill(bound, listener)) {
        open(outcome.socket, outcome.identity)
        if (!sasl && outcome.identity !== ANONYMOUS) this.stats.loginsBy('SSL').successes++
        return
      }
      if (outcome.kind === 'secured') outcome.socket.destroy()
      this.#handshakeFailed(place, outcome)
    })
  }

  /** A handshake may take seconds, in which the listener may have become another, with other terms. */
  #isStill(bound: BoundListener, { name, security = PLAINTEXT }: ListenerConfig): boolean {
    const now = bound.config.security ?? PLAINTEXT
    return this.#listeners.get(name) === bound && now.protocol === security.protocol
  }

  #handshakeFailed(place: ConnectionPlace, outcome: HandshakeOutcome): void {
    this.#limits.leave(place)
    this.stats.openConnections--
    const isTimeout = outcome.kind === 'failed' && outcome.isTimeout
    this.stats.closed[isTimeout ? 'login-timeout' : 'tls-failed']++
    const unwanted = this.#stopping ? 'the broker stops' : LISTENER_GONE
    const detail = outcome.kind === 'failed' ? outcome.detail : unwanted
    this.#options.onEvent?.({ kind: 'tls-failed', ...place, detail, isTimeout })
  }

  #onLogin(connection: Connection, failure: LoginFailure | null): void {
    const counts = this.stats.loginsBy(failure?.mechanism ?? connection.identity.mechanism)
    if (failure) counts.failures++
    else counts.successes++
    this.#options.onEvent?.(
      failure ? { kind: 'login-failed', connection, failure } : { kind: 'logged-in', connection },
    )
  }

  #hold(socket: Socket, place: ConnectionPlace, holdMs: number): void {
    const reason = 'too-fast-from-address'
    this.#held.hold(socket, holdMs, () => this.#limits.leave(place))
    this.stats.closed[reason]++
    this.#options.onEvent?.({ kind: 'connection-refused', ...place, reason })
  }

  #refuse(socket: Socket, place: ConnectionPlace, reason: CloseReason): void {
    socket.on('error', () => {})
    socket.destroy()
    this.stats.closed[reason]++
    this.#options.onEvent?.({ kind: 'connection-refused', ...place, reason })
  }

  #gone(connection: Connection, reason: CloseReason, detail: string): void {
    this.#connections.delete(connection)
    this.#limits.leave(connection)
    this.stats.openConnections--
    this.stats.closed[reason]++
    this.#options.onEvent?.({ kind: 'connection-closed', connection, reason, detail })
    if (this.#connections.size === 0) this.#onLastGone()
  }
}

function addressOf(server: Server): AdvertisedEndpoint {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a socket without a port')
  return { host: address.address, port: address.port }
}
