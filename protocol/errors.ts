/** One row of Kafka's error table. */
export interface KafkaError {
  /** Kafka's name, which users find in documentation and logs. */
  readonly name: ErrorName
  /** What stands on the wire. */
  readonly code: number
  /** Whether Kafka's clients try again by themselves. */
  readonly retriable: boolean
  /** What to say when there is nothing more exact to say. */
  readonly message: string
}

const FINAL = false
const RETRIABLE = true

/**
 * Kafka's error table as of 4.1, in the order of the codes. Names, codes and what is retriable are
 * the protocol's (kafka.apache.org/protocol#protocol_error_codes); the messages are ours.
 */
const TABLE = {
  UNKNOWN_SERVER_ERROR: [-1, FINAL, 'the broker failed in a way that has no code of its own'],
  NONE: [0, FINAL, 'no error'],
  OFFSET_OUT_OF_RANGE: [
    1,
    FINAL,
    'the partition has no such offset: it was deleted, or not written yet',
  ],
  CORRUPT_MESSAGE: [
    2,
    RETRIABLE,
    'a batch is damaged: wrong CRC, wrong size, or a null key in a compacted topic',
  ],
  UNKNOWN_TOPIC_OR_PARTITION: [3, RETRIABLE, 'this broker has no such topic or partition'],
  INVALID_FETCH_SIZE: [4, FINAL, 'the size asked for is not possible'],
  LEADER_NOT_AVAILABLE: [5, RETRIABLE, 'the partition has no leader at the moment'],
  NOT_LEADER_OR_FOLLOWER: [
    6,
    RETRIABLE,
    'this broker does not hold the partition in the role that the request needs',
  ],
  REQUEST_TIMED_OUT: [7, RETRIABLE, 'the time given in the request passed before it was done'],
  BROKER_NOT_AVAILABLE: [8, FINAL, 'the broker cannot be reached'],
  REPLICA_NOT_AVAILABLE: [9, RETRIABLE, 'this broker holds no replica of the partition'],
  MESSAGE_TOO_LARGE: [10, FINAL, 'a batch is larger than max.message.bytes allows'],
  STALE_CONTROLLER_EPOCH: [11, FINAL, 'another controller has taken over'],
  OFFSET_METADATA_TOO_LARGE: [
    12,
    FINAL,
    'the text beside a committed offset is longer than offset.metadata.max.bytes',
  ],
  NETWORK_EXCEPTION: [13, RETRIABLE, 'the connection ended before the response came'],
  COORDINATOR_LOAD_IN_PROGRESS: [14, RETRIABLE, 'the coordinator is still reading its partition'],
  COORDINATOR_NOT_AVAILABLE: [15, RETRIABLE, 'there is no coordinator at the moment'],
  NOT_COORDINATOR: [16, RETRIABLE, 'another broker coordinates this group or transactional id'],
  INVALID_TOPIC_EXCEPTION: [
    17,
    FINAL,
    "the topic's name is not allowed, or the operation is not allowed on this topic",
  ],
  RECORD_LIST_TOO_LARGE: [18, FINAL, 'a batch is larger than a segment may be'],
  NOT_ENOUGH_REPLICAS: [
    19,
    RETRIABLE,
    'fewer replicas are in sync than min.insync.replicas asks for; nothing was written',
  ],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [
    20,
    RETRIABLE,
    'written, but fewer replicas are in sync than min.insync.replicas asks for',
  ],
  INVALID_REQUIRED_ACKS: [21, FINAL, 'acks must be 0, 1 or -1'],
  ILLEGAL_GENERATION: [22, FINAL, 'the group is in another generation'],
  INCONSISTENT_GROUP_PROTOCOL: [
    23,
    FINAL,
    'the member shares no protocol with the group, or names none at all',
  ],
  INVALID_GROUP_ID: [24, FINAL, 'the group id is not allowed'],
  UNKNOWN_MEMBER_ID: [25, FINAL, 'the group has no such member'],
  INVALID_SESSION_TIMEOUT: [26, FINAL, 'the session timeout is outside of what the broker allows'],
  REBALANCE_IN_PROGRESS: [27, FINAL, 'the group is rebalancing, so the member must join again'],
  INVALID_COMMIT_OFFSET_SIZE: [28, FINAL, 'the commit is too large to be stored'],
  TOPIC_AUTHORIZATION_FAILED: [29, FINAL, 'the principal may not do this to the topic'],
  GROUP_AUTHORIZATION_FAILED: [30, FINAL, 'the principal may not do this to the group'],
  CLUSTER_AUTHORIZATION_FAILED: [31, FINAL, 'the principal may not do this to the cluster'],
  INVALID_TIMESTAMP: [32, FINAL, "a record's timestamp is outside of what the topic allows"],
  UNSUPPORTED_SASL_MECHANISM: [33, FINAL, 'the listener does not offer this SASL mechanism'],
  ILLEGAL_SASL_STATE: [34, FINAL, 'the request does not fit the state of the authentication'],
  UNSUPPORTED_VERSION: [
    35,
    FINAL,
    'the broker does not know this version of the request, or of a feature',
  ],
  TOPIC_ALREADY_EXISTS: [36, FINAL, 'there is a topic with this name'],
  INVALID_PARTITIONS: [37, FINAL, 'the number of partitions is not possible'],
  INVALID_REPLICATION_FACTOR: [38, FINAL, 'the replication factor is not possible'],
  INVALID_REPLICA_ASSIGNMENT: [39, FINAL, 'the assignment of replicas to brokers is not possible'],
  INVALID_CONFIG: [40, FINAL, 'a configuration has an unknown name or an invalid value'],
  NOT_CONTROLLER: [41, RETRIABLE, 'this broker is not the controller'],
  INVALID_REQUEST: [42, FINAL, 'the request contradicts itself or the protocol'],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [43, FINAL, "the partition's message format cannot do this"],
  POLICY_VIOLATION: [44, FINAL, 'a policy of the broker forbids it'],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, FINAL, "the batch does not continue the producer's sequence"],
  DUPLICATE_SEQUENCE_NUMBER: [
    46,
    FINAL,
    'the batch was written before and is too old to be recognised as a retry',
  ],
  INVALID_PRODUCER_EPOCH: [47, FINAL, "the producer's epoch has been superseded"],
  INVALID_TXN_STATE: [48, FINAL, 'the transaction is not in a state that allows this'],
  INVALID_PRODUCER_ID_MAPPING: [
    49,
    FINAL,
    'the producer id does not belong to the transactional id',
  ],
  INVALID_TRANSACTION_TIMEOUT: [
    50,
    FINAL,
    'the transaction timeout is larger than transaction.max.timeout.ms',
  ],
  CONCURRENT_TRANSACTIONS: [51, RETRIABLE, 'another change of the same transaction is under way'],
  TRANSACTION_COORDINATOR_FENCED: [
    52,
    FINAL,
    'the marker comes from a transaction coordinator that was replaced',
  ],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [
    53,
    FINAL,
    'the principal may not use the transactional id',
  ],
  SECURITY_DISABLED: [54, FINAL, 'no authorizer is configured'],
  OPERATION_NOT_ATTEMPTED: [55, FINAL, 'not tried, because another part of the request failed'],
  KAFKA_STORAGE_ERROR: [56, RETRIABLE, 'the disk failed or is full'],
  LOG_DIR_NOT_FOUND: [57, FINAL, 'the broker has no such log directory'],
  SASL_AUTHENTICATION_FAILED: [58, FINAL, 'the credentials were not accepted'],
  UNKNOWN_PRODUCER_ID: [59, FINAL, 'the partition knows nothing of this producer any more'],
  REASSIGNMENT_IN_PROGRESS: [60, FINAL, 'the partition is being reassigned'],
  DELEGATION_TOKEN_AUTH_DISABLED: [61, FINAL, 'delegation tokens are not enabled'],
  DELEGATION_TOKEN_NOT_FOUND: [62, FINAL, 'there is no such delegation token'],
  DELEGATION_TOKEN_OWNER_MISMATCH: [
    63,
    FINAL,
    'the principal neither owns the delegation token nor may renew it',
  ],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: [
    64,
    FINAL,
    'delegation tokens cannot be managed over this kind of connection',
  ],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: [
    65,
    FINAL,
    'the principal may not do this to the delegation token',
  ],
  DELEGATION_TOKEN_EXPIRED: [66, FINAL, 'the delegation token has expired'],
  INVALID_PRINCIPAL_TYPE: [67, FINAL, 'principals of this type are not supported'],
  NON_EMPTY_GROUP: [68, FINAL, 'the group still has members'],
  GROUP_ID_NOT_FOUND: [69, FINAL, 'there is no such group'],
  FETCH_SESSION_ID_NOT_FOUND: [70, RETRIABLE, 'the fetch session is gone'],
  INVALID_FETCH_SESSION_EPOCH: [71, RETRIABLE, 'the fetch session is at another epoch'],
  LISTENER_NOT_FOUND: [
    72,
    RETRIABLE,
    'the leader has no listener of the name that the request came through',
  ],
  TOPIC_DELETION_DISABLED: [73, FINAL, 'delete.topic.enable is off'],
  FENCED_LEADER_EPOCH: [74, RETRIABLE, "the client's leader epoch is older than the partition's"],
  UNKNOWN_LEADER_EPOCH: [75, RETRIABLE, "the client's leader epoch is newer than the partition's"],
  UNSUPPORTED_COMPRESSION_TYPE: [
    76,
    FINAL,
    'the version of the request cannot carry this compression',
  ],
  STALE_BROKER_EPOCH: [77, FINAL, 'the broker has registered anew since'],
  OFFSET_NOT_AVAILABLE: [
    78,
    RETRIABLE,
    'the leader is new and does not know the high watermark yet',
  ],
  MEMBER_ID_REQUIRED: [79, FINAL, 'the member must join again with the id that it was given'],
  PREFERRED_LEADER_NOT_AVAILABLE: [80, RETRIABLE, 'the preferred leader is not available'],
  GROUP_MAX_SIZE_REACHED: [81, FINAL, 'the group has as many members as it may have'],
  FENCED_INSTANCE_ID: [82, FINAL, 'another member has taken over the group instance id'],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: [83, RETRIABLE, 'no replica that may lead is available'],
  ELECTION_NOT_NEEDED: [
    84,
    RETRIABLE,
    'the partition has the leader that an election would give it',
  ],
  NO_REASSIGNMENT_IN_PROGRESS: [85, FINAL, 'the partition is not being reassigned'],
  GROUP_SUBSCRIBED_TO_TOPIC: [
    86,
    FINAL,
    'the group is subscribed to the topic, so its offsets stay',
  ],
  INVALID_RECORD: [87, FINAL, 'a record breaks a rule of the topic or of its batch'],
  UNSTABLE_OFFSET_COMMIT: [
    88,
    RETRIABLE,
    'an open transaction may still change the committed offset',
  ],
  THROTTLING_QUOTA_EXCEEDED: [
    89,
    RETRIABLE,
    'the principal has used up its quota of such operations',
  ],
  PRODUCER_FENCED: [90, FINAL, 'a newer producer uses the transactional id'],
  RESOURCE_NOT_FOUND: [91, FINAL, 'there is no such resource'],
  DUPLICATE_RESOURCE: [92, FINAL, 'the request names a resource twice'],
  UNACCEPTABLE_CREDENTIAL: [93, FINAL, 'the credential is too weak or malformed'],
  INCONSISTENT_VOTER_SET: [94, FINAL, 'sender or receiver is not a voter of the quorum'],
  INVALID_UPDATE_VERSION: [95, FINAL, 'the update does not follow on the current version'],
  FEATURE_UPDATE_FAILED: [96, FINAL, 'the finalized features could not be changed'],
  PRINCIPAL_DESERIALIZATION_FAILURE: [
    97,
    FINAL,
    'the principal in a forwarded request cannot be read',
  ],
  SNAPSHOT_NOT_FOUND: [98, FINAL, 'there is no such snapshot'],
  POSITION_OUT_OF_RANGE: [99, FINAL, 'the position lies outside of the snapshot'],
  UNKNOWN_TOPIC_ID: [100, RETRIABLE, 'this broker has no topic with this id'],
  DUPLICATE_BROKER_REGISTRATION: [101, FINAL, 'the broker id is registered by another broker'],
  BROKER_ID_NOT_REGISTERED: [102, FINAL, 'no broker has registered this id'],
  INCONSISTENT_TOPIC_ID: [103, RETRIABLE, 'the topic with this name has another id'],
  INCONSISTENT_CLUSTER_ID: [104, FINAL, 'the request is meant for another cluster'],
  TRANSACTIONAL_ID_NOT_FOUND: [105, FINAL, 'there is no such transactional id'],
  FETCH_SESSION_TOPIC_ID_ERROR: [
    106,
    RETRIABLE,
    'the fetch session mixes topic ids and topic names',
  ],
  INELIGIBLE_REPLICA: [107, FINAL, 'the replica may not become in-sync'],
  NEW_LEADER_ELECTED: [108, FINAL, 'the change made another broker the leader'],
  OFFSET_MOVED_TO_TIERED_STORAGE: [109, FINAL, 'the offset is only in remote storage'],
  FENCED_MEMBER_EPOCH: [
    110,
    FINAL,
    'the coordinator has fenced this member epoch; the member must join again',
  ],
  UNRELEASED_INSTANCE_ID: [111, FINAL, 'another member still holds the group instance id'],
  UNSUPPORTED_ASSIGNOR: [112, FINAL, 'the group does not support this assignor'],
  STALE_MEMBER_EPOCH: [113, FINAL, "the member's epoch is behind; it must heartbeat first"],
  MISMATCHED_ENDPOINT_TYPE: [
    114,
    FINAL,
    'the request belongs to the other kind of endpoint, broker or controller',
  ],
  UNSUPPORTED_ENDPOINT_TYPE: [115, FINAL, 'this kind of endpoint is not supported'],
  UNKNOWN_CONTROLLER_ID: [116, FINAL, 'there is no such controller'],
  UNKNOWN_SUBSCRIPTION_ID: [
    117,
    FINAL,
    "the client's metrics subscription has changed; it must ask for it again",
  ],
  TELEMETRY_TOO_LARGE: [118, FINAL, 'the pushed metrics are larger than the broker accepts'],
  INVALID_REGISTRATION: [119, FINAL, 'the controller refuses the registration'],
  TRANSACTION_ABORTABLE: [
    120,
    FINAL,
    'the transaction failed; the client must abort it and may go on',
  ],
  INVALID_RECORD_STATE: [
    121,
    FINAL,
    'the record is not in a state that allows this acknowledgement',
  ],
  SHARE_SESSION_NOT_FOUND: [122, RETRIABLE, 'the share session is gone'],
  INVALID_SHARE_SESSION_EPOCH: [123, RETRIABLE, 'the share session is at another epoch'],
  FENCED_STATE_EPOCH: [124, FINAL, 'the state epoch of the share partition has been superseded'],
  INVALID_VOTER_KEY: [125, FINAL, "the voter's key is not the one that the receiver has"],
  DUPLICATE_VOTER: [126, FINAL, 'the voter is already in the quorum'],
  VOTER_NOT_FOUND: [127, FINAL, 'the quorum has no such voter'],
  INVALID_REGULAR_EXPRESSION: [128, FINAL, 'the regular expression is not valid'],
  REBOOTSTRAP_REQUIRED: [
    129,
    FINAL,
    "the client's metadata is of no use any more; it must bootstrap again",
  ],
  STREAMS_INVALID_TOPOLOGY: [130, FINAL, 'the topology is not valid'],
  STREAMS_INVALID_TOPOLOGY_EPOCH: [131, FINAL, "the topology's epoch is not valid"],
  STREAMS_TOPOLOGY_FENCED: [132, FINAL, "the topology's epoch has been superseded"],
  SHARE_SESSION_LIMIT_REACHED: [
    133,
    RETRIABLE,
    'the broker has as many share sessions as it may have',
  ],
} as const satisfies Record<string, readonly [number, boolean, string]>

export type ErrorName = keyof typeof TABLE

/** Every error by its name: `errors.UNKNOWN_TOPIC_OR_PARTITION.code`. */
export const errors: { readonly [Name in ErrorName]: KafkaError } = buildErrors()

const errorsByCode = new Map(Object.values(errors).map((error) => [error.code, error]))

/** The error with this code; undefined for codes that Kafka 4.1 does not know. */
export function errorByCode(code: number): KafkaError | undefined {
  return errorsByCode.get(code)
}

function buildErrors(): { readonly [Name in ErrorName]: KafkaError } {
  const rows = Object.entries(TABLE) as [ErrorName, readonly [number, boolean, string]][]
  const entries = rows.map(([name, [code, retriable, message]]): [ErrorName, KafkaError] => [
    name,
    Object.freeze({ name, code, retriable, message }),
  ])
  return Object.freeze(Object.fromEntries(entries)) as { readonly [Name in ErrorName]: KafkaError }
}
