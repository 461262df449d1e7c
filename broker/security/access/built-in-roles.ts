import type {
  AclOperation,
  AclResourceType,
  BUILT_IN_ROLES,
  RoleRule,
} from '../../control/index.ts'
import { CLUSTER_RESOURCE_NAME } from '../../control/index.ts'

/** The topic of the history, as Kafka clients read it. */
export const HISTORY_TOPIC = '__audit'

type BuiltInRole = (typeof BUILT_IN_ROLES)[number]

function may(resourceType: AclResourceType, ...operations: AclOperation[]): readonly RoleRule[] {
  const resourceName = resourceType === 'CLUSTER' ? CLUSTER_RESOURCE_NAME : '*'
  return operations.map((operation) => ({
    resourceType,
    operation,
    resourceName,
    patternType: 'LITERAL',
  }))
}

const viewer = [
  ...may('CLUSTER', 'DESCRIBE', 'DESCRIBE_CONFIGS'),
  ...may('TOPIC', 'DESCRIBE', 'DESCRIBE_CONFIGS'),
  ...may('GROUP', 'DESCRIBE'),
  ...may('TRANSACTIONAL_ID', 'DESCRIBE'),
]

/**
 * Runs topics and groups, and reads and writes records; does not say who may do what, and does not
 * read what everybody did.
 */
const operator = [
  ...viewer,
  ...may('CLUSTER', 'CREATE', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE'),
  ...may('TOPIC', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'ALTER_CONFIGS'),
  ...may('GROUP', 'READ', 'DELETE'),
  ...may('TRANSACTIONAL_ID', 'WRITE'),
]

const RESOURCE_TYPES = [
  'TOPIC',
  'GROUP',
  'CLUSTER',
  'TRANSACTIONAL_ID',
  'DELEGATION_TOKEN',
  'USER',
] as const

/** Sees everything that a viewer sees, and reads the history. */
const auditor: readonly RoleRule[] = [
  ...viewer,
  { resourceType: 'TOPIC', operation: 'READ', resourceName: HISTORY_TOPIC, patternType: 'LITERAL' },
]

/** Whose rules for all topics are not for that of the history: it is read by auditors and admins. */
export function sparesHistory(role: string, { resourceType, operation }: RoleRule): boolean {
  return role === 'operator' && resourceType === 'TOPIC' && !operation.startsWith('DESCRIBE')
}

/** What the roles allow that exist without a record. */
export const builtInRoles: Readonly<Record<BuiltInRole, readonly RoleRule[]>> = {
  viewer,
  operator,
  auditor,
  admin: RESOURCE_TYPES.flatMap((type) => may(type, 'ALL')),
}
