import { isIP, SocketAddress } from 'node:net'
import type { Resource } from '../../../audit/index.ts'
import { plainAddress } from '../../../kit/index.ts'
import type { AlterClientQuota } from '../commands.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { ClientQuota, QuotaEntity, QuotaKey } from '../quotas.ts'
import { CLIENT_QUOTA_KEYS, IP_QUOTA_KEYS, quotaEntityKey } from '../quotas.ts'
import type { Decision } from './decision.ts'
import { refuse } from './decision.ts'
import { nameFault } from './resource-name.ts'

/** Kafka keeps byte rates and connection rates as whole numbers, the others as they are. */
const FRACTIONAL_KEYS: ReadonlySet<QuotaKey> = new Set([
  'request_percentage',
  'controller_mutation_rate',
])
const WHOLE_EPSILON = 1e-6

export function decideAlterClientQuota(
  state: FoldedState,
  command: AlterClientQuota,
): Decision<AlterClientQuota> {
  const { entity, changes } = command
  const fault = entityFault(entity) ?? changesFault(entity, changes)
  const key = fault === null ? quotaEntityKey(entity) : ''
  const resource: Resource = { kind: 'client-quota', name: key, id: null }
  if (fault !== null) return refuse('INVALID_REQUEST', fault, resource)

  const current = state.tables.quotas.get(key)
  const limits = new Map(Object.entries(current?.limits ?? {}))
  for (const change of changes) {
    if (change.value === null) limits.delete(change.key)
    else limits.set(change.key, change.value)
  }
  const after: ClientQuota | null =
    limits.size > 0 ? { entity, limits: Object.fromEntries(limits) } : null
  return {
    error: 'NONE',
    resource,
    before: current ? resourceToJson(current) : null,
    after: after && resourceToJson(after),
    reversal: 'full',
    result: after,
  }
}

function entityFault(entity: QuotaEntity): string | null {
  const { user, clientId, ip } = entity
  if (user === undefined && clientId === undefined && ip === undefined) {
    return 'Invalid empty client quota entity'
  }
  if (ip !== undefined && (user !== undefined || clientId !== undefined)) {
    return 'An ip entity stands alone'
  }
  if (typeof ip === 'string') {
    if (isIP(ip) === 0) return `${ip.slice(0, 100)} is not a valid IP`
    const usual = usualAddress(ip)
    // Connections are known by that one: the limit of another spelling would hold for nobody.
    if (ip !== usual) return `Write the address ${ip.slice(0, 100)} as ${usual}`
  }
  const names = { user, 'client-id': clientId }
  for (const [what, name] of Object.entries(names)) {
    const fault = typeof name === 'string' ? nameFault(what, name) : null
    if (fault !== null) return fault
  }
  return null
}

/** The one spelling that an address has where connections come from (RFC 5952). */
function usualAddress(ip: string): string {
  const plain = plainAddress(ip)
  return isIP(plain) === 4 ? plain : new SocketAddress({ address: plain, family: 'ipv6' }).address
}

function changesFault(entity: QuotaEntity, changes: AlterClientQuota['changes']): string | null {
  const allowed: readonly QuotaKey[] = entity.ip === undefined ? CLIENT_QUOTA_KEYS : IP_QUOTA_KEYS
  const seen = new Set<QuotaKey>()
  for (const { key, value } of changes) {
    if (seen.has(key)) return `Duplicate quota key ${key}`
    seen.add(key)
    if (!allowed.includes(key)) return `Invalid configuration key ${String(key).slice(0, 100)}`
    if (value === null) continue
    if (!Number.isFinite(value) || value <= 0) return `The value of ${key} must be greater than 0`
    const isWhole = Math.abs(Math.round(value) - value) <= WHOLE_EPSILON
    if (!isWhole && !FRACTIONAL_KEYS.has(key)) return `Configuration ${key} must be a Long value`
  }
  return null
}
