import type { AclOperation, AclResourceType } from '../../control/index.ts'
import { ACL_OPERATIONS } from '../../control/index.ts'

/** A set of operations, a bit for each by its code in Kafka: what authorized-operations fields hold (KIP-430). */
export type OperationBits = number

export function bitOf(operation: AclOperation): OperationBits {
  return 1 << ACL_OPERATIONS[operation]
}

function bitsOf(...operations: readonly AclOperation[]): OperationBits {
  return operations.reduce((bits, operation) => bits | bitOf(operation), 0)
}

const ALL = bitOf('ALL')

/** Every operation that there is, but for ALL itself. */
export const EVERY_OPERATION: OperationBits =
  bitsOf(...(Object.keys(ACL_OPERATIONS) as AclOperation[])) & ~ALL

/** What can be done to a resource of each type, as Kafka's tools show it. */
export const OPERATIONS_ON: Readonly<Record<AclResourceType, OperationBits>> = {
  TOPIC: bitsOf(
    ...(['READ', 'WRITE', 'CREATE', 'DELETE'] as const),
    ...(['ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'] as const),
  ),
  GROUP: bitsOf('READ', 'DELETE', 'DESCRIBE'),
  CLUSTER: bitsOf(
    ...(['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION'] as const),
    ...(['DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE'] as const),
  ),
  TRANSACTIONAL_ID: bitsOf('WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT'),
  DELEGATION_TOKEN: bitsOf('DESCRIBE'),
  USER: bitsOf('CREATE_TOKENS', 'DESCRIBE_TOKENS'),
}

const IMPLY_DESCRIBE = bitsOf('READ', 'WRITE', 'DELETE', 'ALTER')
const DESCRIBE = bitOf('DESCRIBE')
const ALTER_CONFIGS = bitOf('ALTER_CONFIGS')
const DESCRIBE_CONFIGS = bitOf('DESCRIBE_CONFIGS')

/** What somebody may do whom rules allow `bits`: reading and writing implies describing, and so on. */
export function allowedBy(bits: OperationBits): OperationBits {
  if ((bits & ALL) !== 0) return EVERY_OPERATION
  let allowed = bits
  if ((bits & IMPLY_DESCRIBE) !== 0) allowed |= DESCRIBE
  if ((bits & ALTER_CONFIGS) !== 0) allowed |= DESCRIBE_CONFIGS
  return allowed
}

/** What somebody may not do whom rules deny `bits`. Nothing is implied: who may not read may still describe. */
export function deniedBy(bits: OperationBits): OperationBits {
  return (bits & ALL) !== 0 ? EVERY_OPERATION : bits
}
