/** What the admin API tells, as far as the monitor reads it. Times are RFC 3339, unless a name says `Ms`. */

export interface ClusterSummary {
  readonly clusterId: string
  /** Missing where the broker does not tell it. */
  readonly version?: string
  readonly topics: number
  readonly partitions: number
  readonly groups: number
  readonly seq: number
  readonly disk: {
    readonly state: 'ok' | 'full' | 'failed'
    readonly totalBytes: number
    readonly freeBytes: number
    readonly usedBytes: number
  }
  readonly scrub: {
    readonly damaged: readonly { readonly topic: string; readonly partition: number }[]
  }
}

export interface Topic {
  readonly name: string
  readonly partitions: number
  readonly internal: boolean
  /** Only what is set for the topic. */
  readonly configs: Readonly<Record<string, string>>
  readonly quota: {
    readonly producerByteRate: number | null
    readonly consumerByteRate: number | null
  }
  readonly createdAt: string
  readonly sizeBytes: number
}

export interface Group {
  readonly group: string
  readonly state: string
  readonly stateSince: string
  readonly protocolType: string
  readonly protocol: string
  readonly members: number
  readonly lag: number
}

export interface GroupMember {
  readonly memberId: string
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly committedAt: string
  /** Null when the partition is gone. */
  readonly logStartOffset: number | null
  readonly endOffset: number | null
  readonly lag: number | null
}

export interface GroupDetails extends Group {
  readonly memberList: readonly GroupMember[]
  readonly offsets: readonly GroupOffset[]
}

export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
}

export interface Listener {
  readonly name: string
  readonly protocol: string
  readonly host: string
  readonly port: number
}

export interface Acl {
  readonly id: string
  readonly resourceType: string
  readonly resourceName: string
  readonly patternType: string
  readonly principal: string
  readonly host: string
  readonly operation: string
  readonly permission: string
}

export interface Account {
  readonly name: string
  readonly roles: readonly string[]
  readonly disabled: boolean
  readonly hasPassword: boolean
  /** Null for the root account. */
  readonly createdAt: string | null
}

export interface Token {
  readonly id: string
  readonly account: string
  readonly label: string
  readonly createdAt: string
  readonly expiresAt: string | null
}

export interface User {
  readonly name: string
  readonly credentials: readonly { readonly mechanism: string; readonly iterations: number }[]
}

export interface Quota {
  readonly id: string
  readonly entity: Readonly<Record<string, string | null>>
  readonly limits: Readonly<Record<string, number>>
}

export interface DiskCapacity {
  /** Null for all that the volume has. */
  readonly capacityBytes: number | null
  readonly usedBytes: number
  readonly freeBytes: number | null
  readonly floorBytes: number
}

/** A connection of a Kafka client; what a broker does not tell is missing. */
export interface Connection {
  readonly id: string
  readonly address?: string
  readonly listener?: string
  readonly principal?: string
  readonly clientId?: string | null
  readonly software?: { readonly name: string | null; readonly version: string | null } | null
}

/** What happened at the broker, counted where it happened often. */
export interface BrokerEvent {
  readonly kind: string
  readonly at?: string
  readonly resource?: { readonly kind: string; readonly name: string }
  readonly count?: number
}

export interface DeletedTopic {
  readonly name: string
  readonly id: string
  readonly sizeBytes: number
}
