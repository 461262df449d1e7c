import type { RunningBroker } from './brokers/running-broker.ts'
import type { TableClient } from './client/client.ts'

export type BrokerName = 'Glasslog' | 'Apache Kafka' | 'RabbitMQ' | 'RocketMQ'

/** One broker with one choice of settings, seen through one client. */
export interface Row {
  /** For the command line. */
  readonly name: string
  readonly broker: BrokerName
  /** Whether the broker comes like this, or is told to lose nothing, or to lose more. */
  readonly setting: 'default' | 'durable' | 'default, durable' | 'relaxed'
  /** When a write is acknowledged: what a power failure may take. */
  readonly acknowledged: string
  /** What differs from the broker's defaults, and what the clients were told. */
  readonly settings: string
  readonly client: TableClient
  readonly version: () => Promise<string>
  /** What this machine lacks for it, with the remedy; null when nothing. */
  readonly missing: () => Promise<string | null>
  readonly start: (workDirectory: string) => Promise<RunningBroker>
}
