import type { Matcher } from '../routing/matcher.ts'
import type { TimeInterval } from '../routing/time-interval.ts'

/** Where a secret lies: a configuration never holds one itself. */
export type SecretReference =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly name: string }
  /** Of a contact point that is kept elsewhere. */
  | { readonly kind: 'stored'; readonly contactPoint: string; readonly name: string }

/** Everything that an operator decides about what happens to alerts; parsed, checked, with all defaults. */
export interface AlertingConfig {
  /** An alert that nobody repeats is over after that. */
  readonly resolveTimeoutMs: number
  readonly route: Route
  readonly receivers: ReadonlyMap<string, Receiver>
  readonly inhibitRules: readonly InhibitRule[]
  readonly timeIntervals: ReadonlyMap<string, readonly TimeInterval[]>
  /** Most severe first. */
  readonly severities: readonly Severity[]
  readonly tickets: { readonly mirror: WebhookIntegration | null }
  /** Alertmanagers that get all alerts too. */
  readonly alertmanagers: readonly ForwardTarget[]
}

export interface Route {
  /** Unique in the tree: keys of groups begin with it. */
  readonly key: string
  readonly receiver: string
  readonly matchers: readonly Matcher[]
  /** Whether the routes after this one are asked too, where it matches. */
  readonly continue: boolean
  /** Labels, or all of them. */
  readonly groupBy: readonly string[] | 'all'
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  readonly repeatIntervalMs: number
  /** Each repeat waits that many times as long as the one before ... */
  readonly repeatBackoff: number
  /** ... but never longer than this. */
  readonly repeatMaxMs: number
  readonly muteTimeIntervals: readonly string[]
  readonly activeTimeIntervals: readonly string[]
  readonly escalation: readonly EscalationStep[]
  readonly routes: readonly Route[]
}

/** Who hears of it when nobody has acknowledged it for so long. */
export interface EscalationStep {
  readonly afterMs: number
  readonly receiver: string
}

/** An alert that matches the target is held back while one fires that matches the source and has the same `equal` labels. */
export interface InhibitRule {
  readonly source: readonly Matcher[]
  readonly target: readonly Matcher[]
  readonly equal: readonly string[]
}

export interface Severity {
  /** Value of the label `severity`. */
  readonly name: string
  /** As `#rrggbb`. */
  readonly color: string
  readonly pagerduty: 'critical' | 'error' | 'warning' | 'info'
  /** Asks mail programs to make it stand out. */
  readonly isUrgent: boolean
}

/** A contact point: everything that one name of the routing tree stands for. */
export interface Receiver {
  readonly name: string
  readonly integrations: readonly Integration[]
}

export type Integration =
  | EmailIntegration
  | WebhookIntegration
  | SlackIntegration
  | PagerdutyIntegration
  | HttpIntegration

interface IntegrationBase {
  readonly sendResolved: boolean
  readonly timeoutMs: number
}

/** How a server proves who it is. */
export interface TlsSettings {
  readonly caFile: string | null
  readonly serverName: string | null
  readonly verify: boolean
}

export type Authorization =
  | { readonly kind: 'basic'; readonly username: string; readonly password: SecretReference }
  | { readonly kind: 'bearer'; readonly scheme: string; readonly credentials: SecretReference }

export interface HttpSettings {
  readonly authorization: Authorization | null
  readonly tls: TlsSettings
}

export interface EmailIntegration extends IntegrationBase {
  readonly kind: 'email'
  readonly to: readonly string[]
  /** Name of the secret that `to` was taken from: then nobody is shown it. Null where it stands in the configuration. */
  readonly toSecret: string | null
  readonly from: string
  readonly smarthost: { readonly host: string; readonly port: number }
  readonly hello: string | null
  readonly auth: { readonly username: string; readonly password: SecretReference } | null
  readonly requireTls: boolean
  readonly tls: TlsSettings
  /** Templates by name of header; `Subject` is one of them. */
  readonly headers: Readonly<Record<string, string>>
  /** Templates; null takes the built-in mail. */
  readonly html: string | null
  readonly text: string | null
}

/** An address that may be a secret as a whole. */
export type Address =
  | { readonly kind: 'plain'; readonly url: string }
  | { readonly kind: 'secret'; readonly secret: SecretReference }

export interface WebhookIntegration extends IntegrationBase {
  readonly kind: 'webhook'
  readonly url: Address
  readonly http: HttpSettings
  /** Signs each body; null sends none. */
  readonly signingSecret: SecretReference | null
  /** 0 sends all. */
  readonly maxAlerts: number
}

export interface SlackIntegration extends IntegrationBase {
  readonly kind: 'slack'
  readonly url: Address
  readonly http: HttpSettings
  readonly channel: string | null
  readonly username: string | null
  readonly iconEmoji: string | null
  /** Templates; null takes the built-in ones. */
  readonly title: string | null
  readonly text: string | null
}

export interface PagerdutyIntegration extends IntegrationBase {
  readonly kind: 'pagerduty'
  readonly url: Address
  readonly http: HttpSettings
  readonly routingKey: SecretReference
  readonly description: string | null
  readonly severity: string | null
  readonly component: string | null
  readonly group: string | null
  readonly class: string | null
}

/** Any service that takes a request over HTTP. `${name}` in address, headers and body stands for a secret. */
export interface HttpIntegration extends IntegrationBase {
  readonly kind: 'http'
  readonly url: Address
  readonly http: HttpSettings
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly headers: Readonly<Record<string, string>>
  readonly contentType: string
  /** A template. */
  readonly body: string
  readonly secrets: Readonly<Record<string, SecretReference>>
}

export interface ForwardTarget {
  readonly url: string
  readonly http: HttpSettings
  readonly timeoutMs: number
}
