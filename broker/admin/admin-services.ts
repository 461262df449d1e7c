import type { Resource } from '../../audit/index.ts'
import type { Authorizer } from '../control/index.ts'
import type { BrokerServices } from '../handlers/index.ts'
import type { MetricsEndpoint } from '../telemetry/index.ts'
import type { TopicRates } from './rates/topic-rates.ts'

/** All that a route may touch. One object for the life of the broker. */
export interface AdminServices {
  /** What handlers of the Kafka door use too: both doors act on the same things. */
  readonly broker: BrokerServices
  readonly authorizer: Authorizer
  readonly metrics: MetricsEndpoint
  readonly rates: TopicRates
  /** Number of the record that changed a resource last. */
  readonly lastSeqOf: (resource: Resource) => number | undefined
  /** False until clients are served and again while the broker stops. */
  readonly isReady: () => boolean
}
