import { createHash } from 'node:crypto'
import type { ErrorName } from '../../protocol/index.ts'

/**
 * The vocabulary of permissions, for both doors: what may be done to what, by whom. Names and codes
 * are Kafka's (KIP-11, KIP-290); codes are what travels in requests, names are what records keep.
 */
export const ACL_OPERATIONS = {
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const
export type AclOperation = keyof typeof ACL_OPERATIONS

export const ACL_RESOURCE_TYPES = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const
export type AclResourceType = keyof typeof ACL_RESOURCE_TYPES

/** What a request is answered with that is denied, by the type of the resource. */
export const DENIED_ERRORS = {
  TOPIC: 'TOPIC_AUTHORIZATION_FAILED',
  GROUP: 'GROUP_AUTHORIZATION_FAILED',
  CLUSTER: 'CLUSTER_AUTHORIZATION_FAILED',
  TRANSACTIONAL_ID: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  DELEGATION_TOKEN: 'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
  USER: 'DELEGATION_TOKEN_AUTHORIZATION_FAILED',
} as const satisfies Record<AclResourceType, ErrorName>

/** ANY (1) and MATCH (2) exist in filters only. */
export const PATTERN_TYPES = { LITERAL: 3, PREFIXED: 4 } as const
export type PatternType = keyof typeof PATTERN_TYPES

export const ACL_PERMISSIONS = { DENY: 2, ALLOW: 3 } as const
export type AclPermission = keyof typeof ACL_PERMISSIONS

/** The one name that a resource of type CLUSTER has. */
export const CLUSTER_RESOURCE_NAME = 'kafka-cluster'

/** One rule of the access control list. The name `*` of a LITERAL pattern stands for all names. */
export interface AclBinding {
  readonly resourceType: AclResourceType
  readonly resourceName: string
  readonly patternType: PatternType
  /** `User:alice`, or `User:*` for everybody. */
  readonly principal: string
  /** An address as text, or `*`. */
  readonly host: string
  readonly operation: AclOperation
  readonly permission: AclPermission
}

/** The key under which a rule is kept: the same for the same rule, short whatever the names are. */
export function aclId(binding: AclBinding): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permission } =
    binding
  const text = JSON.stringify([
    resourceType,
    patternType,
    resourceName,
    principal,
    host,
    operation,
    permission,
  ])
  return createHash('sha256').update(text).digest('base64url').slice(0, ID_LENGTH)
}

/** 128 bits and more, so that nobody finds two rules of one id. */
const ID_LENGTH = 27

/** Whether somebody may, and the rule that says so; the history keeps both. */
export interface AccessDecision {
  readonly allowed: boolean
  /** Such as `no-authorizer`, `super-user`, `role:operator`, or the ACL that decided, as text. */
  readonly rule: string
}

export interface Requester {
  readonly principal: string
  readonly door: 'kafka' | 'http' | 'cli' | 'system'
  /** The peer's address, as ACLs write it. */
  readonly host: string
}

/** Decides who may do what: one for both doors. Answers at once, from what is in memory. */
export interface Authorizer {
  authorize(
    who: Requester,
    operation: AclOperation,
    resourceType: AclResourceType,
    resourceName: string,
  ): AccessDecision
}

/** What holds while there is no authorizer: everybody may everything, and the records say so. */
export const openAuthorizer: Authorizer = {
  authorize: () => ({ allowed: true, rule: 'no-authorizer' }),
}

/** One permission of a role. `*` as a pattern's name stands for all names. */
export interface RoleRule {
  readonly resourceType: AclResourceType
  readonly operation: AclOperation
  readonly resourceName: string
  readonly patternType: PatternType
}

/** Roles that exist without a record and that nobody can alter or delete. */
export const BUILT_IN_ROLES = ['viewer', 'operator', 'admin', 'auditor'] as const
