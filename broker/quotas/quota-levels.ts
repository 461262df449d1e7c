import { networkOf } from '../../kit/index.ts'
import type { ClientQuota, QuotaEntity, QuotaKey } from '../control/index.ts'
import { quotaEntityKey } from '../control/index.ts'

/** Who shares what a limit allows: connections of one user and client id, of one user, of one client id. */
export type LimitScope = 'user-and-client-id' | 'user' | 'client-id'

export interface FoundLimit {
  readonly limit: number
  readonly scope: LimitScope
}

interface Level {
  readonly entity: (user: string, clientId: string) => QuotaEntity
  readonly scope: LimitScope
}

const DEFAULT = null

/**
 * Where a limit is looked for, most specific first: the first entity that has one of that kind decides
 * (KIP-55). A default is a limit for each of those it stands for, not one that they share.
 */
const LEVELS: readonly Level[] = [
  { entity: (user, clientId) => ({ user, clientId }), scope: 'user-and-client-id' },
  { entity: (user) => ({ user, clientId: DEFAULT }), scope: 'user-and-client-id' },
  { entity: (user) => ({ user }), scope: 'user' },
  {
    entity: (_user, clientId) => ({ user: DEFAULT, clientId }),
    scope: 'user-and-client-id',
  },
  { entity: () => ({ user: DEFAULT, clientId: DEFAULT }), scope: 'user-and-client-id' },
  { entity: () => ({ user: DEFAULT }), scope: 'user' },
  { entity: (_user, clientId) => ({ clientId }), scope: 'client-id' },
  { entity: () => ({ clientId: DEFAULT }), scope: 'client-id' },
]

/** A client that gives no id is under no limit of client ids, default or not, as in Kafka. */
const LEVELS_WITHOUT_CLIENT_ID = LEVELS.filter(({ scope }) => scope === 'user')

type Quotas = ReadonlyMap<string, ClientQuota>

/** The limit of a client, and who shares it; null when there is none. Each kind of limit has its own order of precedence. */
export function limitOf(
  quotas: Quotas,
  key: QuotaKey,
  user: string,
  clientId: string,
): FoundLimit | null {
  for (const { entity, scope } of clientId === '' ? LEVELS_WITHOUT_CLIENT_ID : LEVELS) {
    const limit = quotas.get(quotaEntityKey(entity(user, clientId)))?.limits[key]
    if (limit !== undefined) return { limit, scope }
  }
  return null
}

export interface AddressLimit {
  readonly limit: number
  /** An address, or the network whose addresses have one limit together. */
  readonly sharers: string
}

/**
 * The limit of an address: its own, or the default's; null when there is none. What a default allows
 * is shared by a /64 network, of which a single machine has every address.
 */
export function limitOfAddress(quotas: Quotas, ip: string): AddressLimit | null {
  const own = quotas.get(quotaEntityKey({ ip }))?.limits.connection_creation_rate
  if (own !== undefined) return { limit: own, sharers: ip }
  const byDefault = quotas.get(quotaEntityKey({ ip: DEFAULT }))?.limits.connection_creation_rate
  return byDefault === undefined ? null : { limit: byDefault, sharers: networkOf(ip) }
}
