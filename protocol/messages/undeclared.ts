/** Something that Kafka describes and we do not declare. */
export interface Undeclared {
  /** The API's name, or a data message's. */
  readonly name: string
  readonly reason: string
}

const CONTROLLER_ONLY = 'spoken between brokers and controllers only; no client sends it'
const ZOOKEEPER = 'spoken between the brokers of a ZooKeeper cluster; gone since Kafka 4.0'
const KRAFT_LOG = "a control record of the controllers' metadata log; we have no such log"

/**
 * Every message of Kafka 3.9 and 4.1 that is left out, with the reason. The conformance test fails
 * for a message that is neither declared nor listed, and for one that is both.
 */
export const UNDECLARED: readonly Undeclared[] = [
  { name: 'Vote', reason: CONTROLLER_ONLY },
  { name: 'BeginQuorumEpoch', reason: CONTROLLER_ONLY },
  { name: 'EndQuorumEpoch', reason: CONTROLLER_ONLY },
  { name: 'AlterPartition', reason: CONTROLLER_ONLY },
  { name: 'Envelope', reason: CONTROLLER_ONLY },
  { name: 'FetchSnapshot', reason: CONTROLLER_ONLY },
  { name: 'BrokerRegistration', reason: CONTROLLER_ONLY },
  { name: 'BrokerHeartbeat', reason: CONTROLLER_ONLY },
  { name: 'AllocateProducerIds', reason: CONTROLLER_ONLY },
  { name: 'ControllerRegistration', reason: CONTROLLER_ONLY },
  { name: 'AssignReplicasToDirs', reason: CONTROLLER_ONLY },
  { name: 'UpdateRaftVoter', reason: CONTROLLER_ONLY },
  { name: 'LeaderAndIsr', reason: ZOOKEEPER },
  { name: 'StopReplica', reason: ZOOKEEPER },
  { name: 'UpdateMetadata', reason: ZOOKEEPER },
  { name: 'ControlledShutdown', reason: ZOOKEEPER },
  {
    name: 'ListClientMetricsResources',
    reason: 'what ListConfigResources v0 was called before 4.1; the bytes are the same',
  },
  { name: 'RequestHeader', reason: 'written by hand in header.ts, checked by a test of its own' },
  { name: 'ResponseHeader', reason: 'written by hand in header.ts, checked by a test of its own' },
  {
    name: 'DefaultPrincipalData',
    reason: 'how a principal travels inside of Envelope, which is not declared',
  },
  { name: 'LeaderChangeMessage', reason: KRAFT_LOG },
  { name: 'SnapshotHeaderRecord', reason: KRAFT_LOG },
  { name: 'SnapshotFooterRecord', reason: KRAFT_LOG },
  { name: 'KRaftVersionRecord', reason: KRAFT_LOG },
  { name: 'VotersRecord', reason: KRAFT_LOG },
]
