import type { Resource } from '../../audit/index.ts'
import type { FailedLogins } from '../../kit/index.ts'
import type { BackupService } from '../backup/index.ts'
import type { Authorizer } from '../control/index.ts'
import type { BrokerServices } from '../handlers/index.ts'
import type { LogStoreStats } from '../log/index.ts'
import type { ConnectionInfo, LoginCounts } from '../network/index.ts'
import type { MetricsEndpoint } from '../telemetry/index.ts'
import type { SessionTable } from './access/sessions.ts'
import type { AuditService } from './audit-service.ts'
import type { TopicRates } from './rates/topic-rates.ts'

/** A listener of the Kafka protocol, as it is bound and as clients are told. */
export interface ListenerView {
  readonly name: string
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly advertisedHost: string
  readonly advertisedPort: number
}

/** All that a route may touch. One object for the life of the broker. */
export interface AdminServices {
  /** What handlers of the Kafka door use too: both doors act on the same things. */
  readonly broker: BrokerServices
  readonly authorizer: Authorizer
  readonly audit: AuditService
  readonly backups: Pick<BackupService, 'begin' | 'requireBegunBy' | 'read' | 'keepAlive' | 'end'>
  /** What the storage engine counts. */
  readonly storage: () => LogStoreStats
  readonly metrics: MetricsEndpoint
  readonly rates: TopicRates
  /** Number of the record that changed a resource last. */
  readonly lastSeqOf: (resource: Resource) => number | undefined
  /** Shows that this broker knows the root token (`tokenProof`). */
  readonly proofOfRoot: (challenge: string, port: number) => string
  readonly sessions: SessionTable
  readonly failedLogins: FailedLogins
  readonly passwordLogins: LoginCounts
  /** Takes the same time for accounts that are not there. */
  readonly isPassword: (account: string, password: string) => Promise<boolean>
  /** Where Kafka clients come in; known once they do. */
  readonly listeners: () => readonly ListenerView[]
  /** What both doors count logins in, by mechanism. */
  readonly loginsBy: (mechanism: string) => LoginCounts
  /** The Kafka clients that are connected now. */
  readonly connections: () => Iterable<ConnectionInfo>
  /** False until clients are served and again while the broker stops. */
  readonly isReady: () => boolean
}

/** Those that the admin port makes itself, and those that it is given. */
export type OwnServices = Pick<
  AdminServices,
  | 'rates'
  | 'proofOfRoot'
  | 'sessions'
  | 'failedLogins'
  | 'passwordLogins'
  | 'isPassword'
  | 'lastSeqOf'
>
export type GivenServices = Omit<AdminServices, keyof OwnServices>
