/**
 * Whom a client quota is for (KIP-13, KIP-546): each member names one, is null for the default of
 * its kind, or is left out. `ip` stands alone.
 */
export interface QuotaEntity {
  readonly user?: string | null
  readonly clientId?: string | null
  readonly ip?: string | null
}

/** Limits of a user, a client id or both together. */
export const CLIENT_QUOTA_KEYS = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
] as const

/** The limit of an address. */
export const IP_QUOTA_KEYS = ['connection_creation_rate'] as const

export const QUOTA_KEYS = [...CLIENT_QUOTA_KEYS, ...IP_QUOTA_KEYS] as const
export type QuotaKey = (typeof QUOTA_KEYS)[number]

/** What is set for one entity: bytes or operations per second, or percents of one thread's time. */
export interface ClientQuota {
  readonly entity: QuotaEntity
  readonly limits: Readonly<Partial<Record<QuotaKey, number>>>
}

/** Throttles of a topic, whoever produces or consumes; null is no limit. */
export interface TopicQuota {
  readonly producerByteRate: number | null
  readonly consumerByteRate: number | null
}

/** An entity as one text, the same for the same entity: the key under which its quota is kept. */
export function quotaEntityKey(entity: QuotaEntity): string {
  const parts: string[] = []
  for (const kind of ['user', 'clientId', 'ip'] as const) {
    const name = entity[kind]
    if (name === undefined) continue
    parts.push(
      name === null ? `${kind}:default` : `${kind}=${encodeURIComponent(name.toWellFormed())}`,
    )
  }
  return parts.join(',')
}
