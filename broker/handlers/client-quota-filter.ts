import type { DescribeClientQuotasRequest, ErrorName } from '../../protocol/index.ts'
import type { ClientQuota, QuotaEntity } from '../control/index.ts'

/** Kafka's names of the kinds of entities, and ours. */
export const ENTITY_TYPES: ReadonlyMap<string, keyof QuotaEntity> = new Map([
  ['user', 'user'],
  ['client-id', 'clientId'],
  ['ip', 'ip'],
])

const EXACT = 0
const DEFAULT = 1
const ANY = 2

type Component = DescribeClientQuotasRequest['components'][number]

/** Which entities are asked for: each part by a name, by the default (null), or whatever it is. */
export interface QuotaFilter {
  readonly parts: ReadonlyMap<keyof QuotaEntity, string | null | typeof ANY_NAME>
  /** Entities that have other parts besides are left out. */
  readonly isStrict: boolean
}

const ANY_NAME = Symbol('any name')

/** What is wrong with a filter. */
export interface FilterFault {
  readonly error: ErrorName
  readonly message: string
}

/** Reads a filter as Kafka does; answers what is wrong with it. */
export function quotaFilterOf(
  components: readonly Component[],
  isStrict: boolean,
): QuotaFilter | FilterFault {
  const parts = new Map<keyof QuotaEntity, string | null | typeof ANY_NAME>()
  for (const component of components) {
    const { entityType, matchType, match } = component
    if (entityType === '') return invalid('Invalid empty entity type.')
    const kind = ENTITY_TYPES.get(entityType)
    if (!kind) {
      const message = `Unsupported entity type ${entityType}`
      return { error: 'UNSUPPORTED_VERSION', message }
    }
    if (parts.has(kind)) {
      return invalid(`Entity type ${entityType} cannot appear more than once in the filter.`)
    }
    const fault = matchFault(matchType, match)
    if (fault !== null) return invalid(fault)
    parts.set(kind, matchType === ANY ? ANY_NAME : match)
  }
  if (parts.has('ip') && parts.size > 1) {
    return invalid('A filter for ip stands alone: it goes with neither user nor client-id.')
  }
  return { parts, isStrict }
}

function matchFault(matchType: number, match: string | null): string | null {
  switch (matchType) {
    case EXACT:
      return match === null ? 'An exact match needs a name.' : null
    case DEFAULT:
    case ANY:
      return match === null ? null : `Match type ${matchType} takes no name.`
    default:
      return `Unknown match type ${matchType}`
  }
}

function invalid(message: string): FilterFault {
  return { error: 'INVALID_REQUEST', message }
}

/** Quotas that a filter asks for. A strict filter for nothing finds nothing, one that is not finds all. */
export function matchingQuotas(
  quotas: Iterable<ClientQuota>,
  { parts, isStrict }: QuotaFilter,
): ClientQuota[] {
  if (parts.size === 0 && isStrict) return []
  return [...quotas].filter(({ entity }) => {
    for (const [kind, wanted] of parts) {
      const name = entity[kind]
      if (name === undefined || (wanted !== ANY_NAME && name !== wanted)) return false
    }
    return !isStrict || Object.keys(entity).length === parts.size
  })
}
