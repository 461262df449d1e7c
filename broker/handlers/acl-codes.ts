import type { AclBinding } from '../control/index.ts'
import {
  ACL_OPERATIONS,
  ACL_PERMISSIONS,
  ACL_RESOURCE_TYPES,
  PATTERN_TYPES,
} from '../control/index.ts'

/** Stands for all values of a field, in filters. */
const ANY = 1
/** In filters: every pattern that applies to a name. */
const MATCH = 2

/** One ACL with the numbers that travel. */
export interface WireAcl {
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

export interface WireAclFilter {
  readonly resourceTypeFilter: number
  readonly resourceNameFilter: string | null
  readonly patternTypeFilter: number
  readonly principalFilter: string | null
  readonly hostFilter: string | null
  readonly operation: number
  readonly permissionType: number
}

function nameOf<Names extends Readonly<Record<string, number>>>(
  codes: Names,
  code: number,
): (keyof Names & string) | undefined {
  return Object.keys(codes).find((name) => codes[name] === code)
}

/** Null when a number stands for nothing that an ACL can have. */
export function bindingOf(acl: WireAcl): AclBinding | null {
  const resourceType = nameOf(ACL_RESOURCE_TYPES, acl.resourceType)
  const patternType = nameOf(PATTERN_TYPES, acl.patternType)
  const operation = nameOf(ACL_OPERATIONS, acl.operation)
  const permission = nameOf(ACL_PERMISSIONS, acl.permissionType)
  if (!resourceType || !patternType || !operation || !permission) return null
  const { resourceName, principal, host } = acl
  return { resourceType, resourceName, patternType, principal, host, operation, permission }
}

export function wireAclOf(binding: AclBinding): WireAcl {
  const { resourceName, principal, host } = binding
  return {
    resourceType: ACL_RESOURCE_TYPES[binding.resourceType],
    resourceName,
    patternType: PATTERN_TYPES[binding.patternType],
    principal,
    host,
    operation: ACL_OPERATIONS[binding.operation],
    permissionType: ACL_PERMISSIONS[binding.permission],
  }
}

/** Whether every number of a filter is known. */
export function isSoundFilter(filter: WireAclFilter): boolean {
  const knows = (codes: Readonly<Record<string, number>>, code: number): boolean =>
    code === ANY || nameOf(codes, code) !== undefined
  return (
    knows(ACL_RESOURCE_TYPES, filter.resourceTypeFilter) &&
    (filter.patternTypeFilter === MATCH || knows(PATTERN_TYPES, filter.patternTypeFilter)) &&
    knows(ACL_OPERATIONS, filter.operation) &&
    knows(ACL_PERMISSIONS, filter.permissionType)
  )
}

/** Whether a filter means an ACL (KIP-290). A null is for anything. */
export function isMeant(filter: WireAclFilter, binding: AclBinding): boolean {
  const acl = wireAclOf(binding)
  const fits = (wanted: number, code: number): boolean => wanted === ANY || wanted === code
  return (
    fits(filter.resourceTypeFilter, acl.resourceType) &&
    isPatternMeant(filter, acl) &&
    fits(filter.operation, acl.operation) &&
    fits(filter.permissionType, acl.permissionType) &&
    (filter.principalFilter === null || filter.principalFilter === acl.principal) &&
    (filter.hostFilter === null || filter.hostFilter === acl.host)
  )
}

function isPatternMeant(
  { patternTypeFilter: wanted, resourceNameFilter: name }: WireAclFilter,
  { patternType, resourceName }: WireAcl,
): boolean {
  if (wanted !== ANY && wanted !== MATCH && wanted !== patternType) return false
  if (name === null) return true
  if (wanted !== MATCH) return name === resourceName
  if (patternType === PATTERN_TYPES.PREFIXED) return name.startsWith(resourceName)
  return name === resourceName || resourceName === '*'
}
