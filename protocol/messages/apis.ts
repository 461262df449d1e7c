import type { Message } from '../schema/index.ts'
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from './add-offsets-to-txn.ts'
import { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from './add-partitions-to-txn.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from './add-raft-voter.ts'
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from './alter-client-quotas.ts'
import { AlterConfigsRequest, AlterConfigsResponse } from './alter-configs.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from './alter-partition-reassignments.ts'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from './alter-replica-log-dirs.ts'
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from './alter-share-group-offsets.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from './alter-user-scram-credentials.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from './api-versions.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from './consumer-group-describe.ts'
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from './consumer-group-heartbeat.ts'
import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from './consumer-protocol.ts'
import { CreateAclsRequest, CreateAclsResponse } from './create-acls.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from './create-delegation-token.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse } from './create-partitions.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from './create-topics.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from './delete-acls.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from './delete-groups.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from './delete-records.ts'
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from './delete-share-group-offsets.ts'
import {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from './delete-share-group-state.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from './delete-topics.ts'
import { DescribeAclsRequest, DescribeAclsResponse } from './describe-acls.ts'
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from './describe-client-quotas.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from './describe-cluster.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from './describe-configs.ts'
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from './describe-delegation-token.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from './describe-groups.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from './describe-log-dirs.ts'
import { DescribeProducersRequest, DescribeProducersResponse } from './describe-producers.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from './describe-quorum.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from './describe-share-group-offsets.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from './describe-topic-partitions.ts'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from './describe-transactions.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from './describe-user-scram-credentials.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from './elect-leaders.ts'
import { EndTxnRequest, EndTxnResponse } from './end-txn.ts'
import { EndTxnMarker } from './end-txn-marker.ts'
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from './expire-delegation-token.ts'
import { FetchRequest, FetchResponse } from './fetch.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from './find-coordinator.ts'
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from './get-telemetry-subscriptions.ts'
import { HeartbeatRequest, HeartbeatResponse } from './heartbeat.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from './incremental-alter-configs.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from './init-producer-id.ts'
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from './initialize-share-group-state.ts'
import { JoinGroupRequest, JoinGroupResponse } from './join-group.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from './leave-group.ts'
import { ListConfigResourcesRequest, ListConfigResourcesResponse } from './list-config-resources.ts'
import { ListGroupsRequest, ListGroupsResponse } from './list-groups.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from './list-offsets.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from './list-partition-reassignments.ts'
import { ListTransactionsRequest, ListTransactionsResponse } from './list-transactions.ts'
import { MetadataRequest, MetadataResponse } from './metadata.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from './offset-commit.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from './offset-delete.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from './offset-fetch.ts'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from './offset-for-leader-epoch.ts'
import { ProduceRequest, ProduceResponse } from './produce.ts'
import { PushTelemetryRequest, PushTelemetryResponse } from './push-telemetry.ts'
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from './read-share-group-state.ts'
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from './read-share-group-state-summary.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from './remove-raft-voter.ts'
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from './renew-delegation-token.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from './sasl-authenticate.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from './sasl-handshake.ts'
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from './share-acknowledge.ts'
import { ShareFetchRequest, ShareFetchResponse } from './share-fetch.ts'
import { ShareGroupDescribeRequest, ShareGroupDescribeResponse } from './share-group-describe.ts'
import { ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse } from './share-group-heartbeat.ts'
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from './streams-group-describe.ts'
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from './streams-group-heartbeat.ts'
import { SyncGroupRequest, SyncGroupResponse } from './sync-group.ts'
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from './txn-offset-commit.ts'
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from './unregister-broker.ts'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from './update-features.ts'
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from './write-share-group-state.ts'
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from './write-txn-markers.ts'

/** One API of the protocol: a request and what answers it. */
export interface Api {
  readonly key: number
  /** Kafka's name, for example `Fetch`. */
  readonly name: string
  readonly request: Message
  readonly response: Message
}

/** Every API that is declared, ascending by key. */
export const APIS: readonly Api[] = [
  api('Produce', ProduceRequest, ProduceResponse),
  api('Fetch', FetchRequest, FetchResponse),
  api('ListOffsets', ListOffsetsRequest, ListOffsetsResponse),
  api('Metadata', MetadataRequest, MetadataResponse),
  api('OffsetCommit', OffsetCommitRequest, OffsetCommitResponse),
  api('OffsetFetch', OffsetFetchRequest, OffsetFetchResponse),
  api('FindCoordinator', FindCoordinatorRequest, FindCoordinatorResponse),
  api('JoinGroup', JoinGroupRequest, JoinGroupResponse),
  api('Heartbeat', HeartbeatRequest, HeartbeatResponse),
  api('LeaveGroup', LeaveGroupRequest, LeaveGroupResponse),
  api('SyncGroup', SyncGroupRequest, SyncGroupResponse),
  api('DescribeGroups', DescribeGroupsRequest, DescribeGroupsResponse),
  api('ListGroups', ListGroupsRequest, ListGroupsResponse),
  api('SaslHandshake', SaslHandshakeRequest, SaslHandshakeResponse),
  api('ApiVersions', ApiVersionsRequest, ApiVersionsResponse),
  api('CreateTopics', CreateTopicsRequest, CreateTopicsResponse),
  api('DeleteTopics', DeleteTopicsRequest, DeleteTopicsResponse),
  api('DeleteRecords', DeleteRecordsRequest, DeleteRecordsResponse),
  api('InitProducerId', InitProducerIdRequest, InitProducerIdResponse),
  api('OffsetForLeaderEpoch', OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse),
  api('AddPartitionsToTxn', AddPartitionsToTxnRequest, AddPartitionsToTxnResponse),
  api('AddOffsetsToTxn', AddOffsetsToTxnRequest, AddOffsetsToTxnResponse),
  api('EndTxn', EndTxnRequest, EndTxnResponse),
  api('WriteTxnMarkers', WriteTxnMarkersRequest, WriteTxnMarkersResponse),
  api('TxnOffsetCommit', TxnOffsetCommitRequest, TxnOffsetCommitResponse),
  api('DescribeAcls', DescribeAclsRequest, DescribeAclsResponse),
  api('CreateAcls', CreateAclsRequest, CreateAclsResponse),
  api('DeleteAcls', DeleteAclsRequest, DeleteAclsResponse),
  api('DescribeConfigs', DescribeConfigsRequest, DescribeConfigsResponse),
  api('AlterConfigs', AlterConfigsRequest, AlterConfigsResponse),
  api('AlterReplicaLogDirs', AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse),
  api('DescribeLogDirs', DescribeLogDirsRequest, DescribeLogDirsResponse),
  api('SaslAuthenticate', SaslAuthenticateRequest, SaslAuthenticateResponse),
  api('CreatePartitions', CreatePartitionsRequest, CreatePartitionsResponse),
  api('CreateDelegationToken', CreateDelegationTokenRequest, CreateDelegationTokenResponse),
  api('RenewDelegationToken', RenewDelegationTokenRequest, RenewDelegationTokenResponse),
  api('ExpireDelegationToken', ExpireDelegationTokenRequest, ExpireDelegationTokenResponse),
  api('DescribeDelegationToken', DescribeDelegationTokenRequest, DescribeDelegationTokenResponse),
  api('DeleteGroups', DeleteGroupsRequest, DeleteGroupsResponse),
  api('ElectLeaders', ElectLeadersRequest, ElectLeadersResponse),
  api('IncrementalAlterConfigs', IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse),
  api(
    'AlterPartitionReassignments',
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
  ),
  api(
    'ListPartitionReassignments',
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
  ),
  api('OffsetDelete', OffsetDeleteRequest, OffsetDeleteResponse),
  api('DescribeClientQuotas', DescribeClientQuotasRequest, DescribeClientQuotasResponse),
  api('AlterClientQuotas', AlterClientQuotasRequest, AlterClientQuotasResponse),
  api(
    'DescribeUserScramCredentials',
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
  ),
  api(
    'AlterUserScramCredentials',
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
  ),
  api('DescribeQuorum', DescribeQuorumRequest, DescribeQuorumResponse),
  api('UpdateFeatures', UpdateFeaturesRequest, UpdateFeaturesResponse),
  api('DescribeCluster', DescribeClusterRequest, DescribeClusterResponse),
  api('DescribeProducers', DescribeProducersRequest, DescribeProducersResponse),
  api('UnregisterBroker', UnregisterBrokerRequest, UnregisterBrokerResponse),
  api('DescribeTransactions', DescribeTransactionsRequest, DescribeTransactionsResponse),
  api('ListTransactions', ListTransactionsRequest, ListTransactionsResponse),
  api('ConsumerGroupHeartbeat', ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse),
  api('ConsumerGroupDescribe', ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse),
  api(
    'GetTelemetrySubscriptions',
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
  ),
  api('PushTelemetry', PushTelemetryRequest, PushTelemetryResponse),
  api('ListConfigResources', ListConfigResourcesRequest, ListConfigResourcesResponse),
  api('DescribeTopicPartitions', DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse),
  api('ShareGroupHeartbeat', ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse),
  api('ShareGroupDescribe', ShareGroupDescribeRequest, ShareGroupDescribeResponse),
  api('ShareFetch', ShareFetchRequest, ShareFetchResponse),
  api('ShareAcknowledge', ShareAcknowledgeRequest, ShareAcknowledgeResponse),
  api('AddRaftVoter', AddRaftVoterRequest, AddRaftVoterResponse),
  api('RemoveRaftVoter', RemoveRaftVoterRequest, RemoveRaftVoterResponse),
  api(
    'InitializeShareGroupState',
    InitializeShareGroupStateRequest,
    InitializeShareGroupStateResponse,
  ),
  api('ReadShareGroupState', ReadShareGroupStateRequest, ReadShareGroupStateResponse),
  api('WriteShareGroupState', WriteShareGroupStateRequest, WriteShareGroupStateResponse),
  api('DeleteShareGroupState', DeleteShareGroupStateRequest, DeleteShareGroupStateResponse),
  api(
    'ReadShareGroupStateSummary',
    ReadShareGroupStateSummaryRequest,
    ReadShareGroupStateSummaryResponse,
  ),
  api('StreamsGroupHeartbeat', StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse),
  api('StreamsGroupDescribe', StreamsGroupDescribeRequest, StreamsGroupDescribeResponse),
  api(
    'DescribeShareGroupOffsets',
    DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsResponse,
  ),
  api('AlterShareGroupOffsets', AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse),
  api('DeleteShareGroupOffsets', DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse),
]

const apisByKey = new Map(APIS.map((each) => [each.key, each]))

/** Every declared message: requests, responses, and data messages that travel inside of others. */
export const MESSAGES: readonly Message[] = [
  ...APIS.flatMap(({ request, response }) => [request, response]),
  ConsumerProtocolSubscription,
  ConsumerProtocolAssignment,
  EndTxnMarker,
]

/** The API with this key; undefined when it is not declared. */
export function apiByKey(key: number): Api | undefined {
  return apisByKey.get(key)
}

function api(name: string, request: Message, response: Message): Api {
  return { key: request.apiKey, name, request, response }
}
