import type { Clock, Random, Timers, Uuid } from '../../kit/index.ts'
import { abbreviate, randomUuid, ZERO_UUID } from '../../kit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import { CompressionError, compressionTypeById, decompress } from '../../protocol/index.ts'
import type { ClusterState } from '../control/index.ts'
import { ClientInstance } from './client-instance.ts'
import type { ClientConnection } from './client-instances.ts'
import { ClientInstances } from './client-instances.ts'
import { readMetricsData } from './otlp/metrics-data.ts'
import { ProtobufError } from './otlp/protobuf-reader.ts'
import { withResourceAttributes } from './otlp/resource-attributes.ts'
import { ClientReports } from './reports/client-reports.ts'
import type { ClientAttributes } from './subscriptions.ts'
import { Subscriptions } from './subscriptions.ts'

/** Who sends a request. */
export interface TelemetryClient {
  readonly clientId: string | null
  readonly connection: ClientConnection & {
    readonly address: string
    readonly remotePort: number
    readonly principal: string
    readonly softwareName: string
    readonly softwareVersion: string
  }
}

/** What a client is answered that asks what it should push. */
export type SubscriptionAnswer =
  | {
      readonly error: 'NONE'
      readonly clientInstanceId: Uuid
      readonly subscriptionId: number
      readonly pushIntervalMs: number
      readonly maxBytes: number
      readonly metrics: readonly string[]
    }
  | { readonly error: Exclude<ErrorName, 'NONE'> }

export interface Push {
  readonly clientInstanceId: Uuid
  readonly subscriptionId: number
  readonly isTerminating: boolean
  /** The id of a codec. */
  readonly compressionType: number
  readonly metrics: Buffer
}

export interface ClientMetricsOptions {
  /** Live: it is looked at again whenever `follow` is called. */
  readonly state: Pick<ClusterState, 'clientMetrics' | 'clientMetricsSeq'>
  /** Bytes that a push may have, compressed and decompressed. */
  readonly maxBytes: () => number
  /** Client ids that have series of their own. */
  readonly maxClientIds: () => number
  /** Takes what clients pushed, with who they are among the resource's attributes; null for nobody. */
  readonly forward: ((metricsData: Buffer) => void) | null
  /** Id of this broker, for whoever that is passed on to. */
  readonly brokerId: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
}

/** As Java's `Uuid.RESERVED`: no client is called so. */
const RESERVED_IDS: ReadonlySet<Uuid> = new Set([ZERO_UUID, 'AAAAAAAAAAAAAAAAAAAAAQ'])

/** Longest text of a client that is kept for as long as it is known, and told of it. */
const MAX_TEXT_LENGTH = 249

const EXPIRY_CHECK_MS = 10_000

/** After these a client asks again at once, so that it learns what it should send. */
const MAY_ASK_AT_ONCE: readonly ErrorName[] = [
  'UNKNOWN_SUBSCRIPTION_ID',
  'UNSUPPORTED_COMPRESSION_TYPE',
]

/**
 * Metrics that clients push (KIP-714), with Kafka's checks in Kafka's order: who is asked for what,
 * who may push when, and what came of it. What is kept is bounded by clients, not by what they send.
 */
export class ClientMetrics {
  readonly reports: ClientReports
  /** Pushes by what they were answered. */
  readonly pushes = new Map<ErrorName, number>()
  /** Bytes of pushes that were taken, as they came. */
  receivedBytes = 0
  readonly #options: ClientMetricsOptions
  readonly #instances = new ClientInstances()
  #subscriptions: Subscriptions
  #followedSeq: number
  readonly #stopExpiring: () => void

  constructor(options: ClientMetricsOptions) {
    const { state, timers, clock, maxClientIds } = options
    this.#options = options
    this.reports = new ClientReports(maxClientIds)
    this.#subscriptions = new Subscriptions(state.clientMetrics)
    this.#followedSeq = state.clientMetricsSeq
    this.#stopExpiring = timers.every(EXPIRY_CHECK_MS, () => {
      const nowMs = clock.monotonicMs()
      this.#instances.expire(nowMs)
      this.reports.expire(nowMs)
    })
  }

  /** Runs of clients that are known. */
  get instanceCount(): number {
    return this.#instances.count
  }

  get subscriptionCount(): number {
    return this.#subscriptions.count
  }

  /** The state may have changed. */
  follow(): void {
    const { state } = this.#options
    if (this.#followedSeq === state.clientMetricsSeq) return
    this.#followedSeq = state.clientMetricsSeq
    this.#subscriptions = new Subscriptions(state.clientMetrics)
  }

  /** A client asks what it should push; without an id of its own it gets one. */
  subscribe(clientInstanceId: Uuid, client: TelemetryClient): SubscriptionAnswer {
    const { clock, maxBytes } = this.#options
    const nowMs = clock.monotonicMs()
    const id = clientInstanceId === ZERO_UUID ? this.#newId() : clientInstanceId
    const instance = this.#instanceOf(id, client, nowMs)
    if (!instance.mayAsk(nowMs) && !MAY_ASK_AT_ONCE.includes(instance.lastError)) {
      return { error: 'THROTTLING_QUOTA_EXCEEDED' }
    }
    instance.lastError = 'NONE'
    const { subscriptionId, subscribed } = instance
    return {
      ...{ error: 'NONE', clientInstanceId: id, subscriptionId, maxBytes: maxBytes() },
      ...subscribed,
    }
  }

  /** A client pushes. */
  push(push: Push, client: TelemetryClient): ErrorName {
    const error = this.#takePush(push, client)
    this.pushes.set(error, (this.pushes.get(error) ?? 0) + 1)
    return error
  }

  stop(): void {
    this.#stopExpiring()
  }

  #takePush(push: Push, client: TelemetryClient): ErrorName {
    const { clientInstanceId: id, isTerminating } = push
    if (RESERVED_IDS.has(id)) return 'INVALID_REQUEST'
    const nowMs = this.#options.clock.monotonicMs()
    const instance = this.#instanceOf(id, client, nowMs)
    const refusal = this.#refusalOf(push, instance, nowMs)
    instance.isTerminating = isTerminating
    instance.lastError = refusal ?? this.#read(push, instance, client, nowMs)
    return instance.lastError
  }

  /** Why a push is not even looked at. */
  #refusalOf(push: Push, instance: ClientInstance, nowMs: number): ErrorName | null {
    if (instance.isTerminating) return 'INVALID_REQUEST'
    if (!instance.mayPush(nowMs) && !push.isTerminating) return 'THROTTLING_QUOTA_EXCEEDED'
    if (push.subscriptionId !== instance.subscriptionId) return 'UNKNOWN_SUBSCRIPTION_ID'
    if (compressionTypeById(push.compressionType) === undefined) {
      return 'UNSUPPORTED_COMPRESSION_TYPE'
    }
    return push.metrics.length > this.#options.maxBytes() ? 'TELEMETRY_TOO_LARGE' : null
  }

  #read(push: Push, instance: ClientInstance, client: TelemetryClient, nowMs: number): ErrorName {
    const { maxBytes, forward, brokerId } = this.#options
    if (push.metrics.length === 0) return 'NONE'
    const reporter = {
      id: instance.id,
      clientId: instance.attributes.client_id,
      software: instance.attributes.client_software_name,
    }
    const numbers = this.reports.open(reporter, nowMs + instance.expiryMs)
    try {
      const type = compressionTypeById(push.compressionType) ?? 'none'
      const metricsData = decompress(type, push.metrics, maxBytes())
      readMetricsData(metricsData, (...point) => numbers.add(...point))
      if (forward) forward(withResourceAttributes(metricsData, whoIs(instance, client, brokerId)))
    } catch (error) {
      if (error instanceof CompressionError) {
        return error.kind === 'too-large' ? 'TELEMETRY_TOO_LARGE' : 'INVALID_RECORD'
      }
      if (error instanceof ProtobufError) return 'INVALID_RECORD'
      throw error
    }
    numbers.done()
    this.receivedBytes += push.metrics.length
    return 'NONE'
  }

  /** The run of that id, made when it is not known or the subscriptions have changed since. */
  #instanceOf(id: Uuid, client: TelemetryClient, nowMs: number): ClientInstance {
    const known = this.#instances.get(id)
    const isCurrent = known?.subscriptionSeq === this.#followedSeq
    const instance = known && isCurrent ? known : this.#newInstance(id, client, known)
    this.#instances.touch(instance, client.connection, nowMs)
    return instance
  }

  #newInstance(
    id: Uuid,
    client: TelemetryClient,
    known: ClientInstance | undefined,
  ): ClientInstance {
    const attributes = known?.attributes ?? attributesOf(id, client)
    const subscribed = this.#subscriptions.of(attributes)
    return new ClientInstance(id, attributes, subscribed, this.#followedSeq)
  }

  #newId(): Uuid {
    for (;;) {
      const id = randomUuid(this.#options.random)
      if (!this.#instances.get(id)) return id
    }
  }
}

function attributesOf(id: Uuid, { clientId, connection }: TelemetryClient): ClientAttributes {
  return {
    client_instance_id: id,
    client_id: abbreviate(clientId ?? '', MAX_TEXT_LENGTH),
    client_software_name: abbreviate(connection.softwareName, MAX_TEXT_LENGTH),
    client_software_version: abbreviate(connection.softwareVersion, MAX_TEXT_LENGTH),
    client_source_address: connection.address,
    client_source_port: String(connection.remotePort),
  }
}

/** What a collector is told of who pushed, by the names that KIP-714 gives. */
function whoIs(
  { attributes }: ClientInstance,
  { connection }: TelemetryClient,
  brokerId: number,
): Readonly<Record<string, string>> {
  return { ...attributes, principal: connection.principal, broker_id: String(brokerId) }
}
