import type { ErrorName } from '../../../protocol/index.ts'
import { errors } from '../../../protocol/index.ts'
import { Problem } from './problem.ts'
import type { ProblemRow } from './problem-row.ts'

/**
 * The status of each of Kafka's errors that an operation can be refused with. The problem's code is
 * the error's name in lower case with hyphens, so that an error is called alike at both doors.
 */
export const STATUS_OF_KAFKA_ERROR = {
  OFFSET_OUT_OF_RANGE: 400,
  INVALID_TOPIC_EXCEPTION: 400,
  INVALID_PARTITIONS: 400,
  INVALID_REPLICATION_FACTOR: 400,
  INVALID_REPLICA_ASSIGNMENT: 400,
  INVALID_CONFIG: 400,
  INVALID_REQUEST: 400,
  INVALID_RECORD: 400,
  INVALID_TIMESTAMP: 400,
  INVALID_GROUP_ID: 400,
  INVALID_PRINCIPAL_TYPE: 400,
  UNACCEPTABLE_CREDENTIAL: 400,
  UNSUPPORTED_SASL_MECHANISM: 400,
  UNSUPPORTED_COMPRESSION_TYPE: 400,
  CORRUPT_MESSAGE: 400,
  OFFSET_METADATA_TOO_LARGE: 400,
  TOPIC_AUTHORIZATION_FAILED: 403,
  GROUP_AUTHORIZATION_FAILED: 403,
  CLUSTER_AUTHORIZATION_FAILED: 403,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 403,
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: 403,
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: 403,
  DELEGATION_TOKEN_OWNER_MISMATCH: 403,
  DELEGATION_TOKEN_EXPIRED: 403,
  DELEGATION_TOKEN_AUTH_DISABLED: 403,
  POLICY_VIOLATION: 403,
  SECURITY_DISABLED: 403,
  TOPIC_DELETION_DISABLED: 403,
  UNKNOWN_TOPIC_OR_PARTITION: 404,
  UNKNOWN_TOPIC_ID: 404,
  GROUP_ID_NOT_FOUND: 404,
  RESOURCE_NOT_FOUND: 404,
  DELEGATION_TOKEN_NOT_FOUND: 404,
  UNKNOWN_MEMBER_ID: 404,
  TOPIC_ALREADY_EXISTS: 409,
  DUPLICATE_RESOURCE: 409,
  NON_EMPTY_GROUP: 409,
  GROUP_SUBSCRIBED_TO_TOPIC: 409,
  INCONSISTENT_TOPIC_ID: 409,
  NOT_ENOUGH_REPLICAS: 409,
  INVALID_UPDATE_VERSION: 412,
  MESSAGE_TOO_LARGE: 413,
  RECORD_LIST_TOO_LARGE: 413,
  THROTTLING_QUOTA_EXCEEDED: 429,
  UNKNOWN_SERVER_ERROR: 500,
  COORDINATOR_LOAD_IN_PROGRESS: 503,
  COORDINATOR_NOT_AVAILABLE: 503,
  NOT_COORDINATOR: 503,
  LEADER_NOT_AVAILABLE: 503,
  NOT_LEADER_OR_FOLLOWER: 503,
  REQUEST_TIMED_OUT: 503,
  KAFKA_STORAGE_ERROR: 503,
} as const satisfies Partial<Record<ErrorName, number>>

const statuses: Readonly<Partial<Record<ErrorName, number>>> = STATUS_OF_KAFKA_ERROR

/** How an error of the protocol shows at this door. One that no operation should give is our fault: 500. */
export function kafkaProblem(error: ErrorName): ProblemRow {
  return {
    code: error.toLowerCase().replaceAll('_', '-'),
    status: statuses[error] ?? 500,
    title: capitalized(errors[error].message),
  }
}

/** Nothing of this kind has the name. */
export function noSuch(kind: string, name: string): Problem {
  return new Problem(kafkaProblem('RESOURCE_NOT_FOUND'), `there is no ${kind} ${name}`)
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
