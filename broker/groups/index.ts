export { type AssignedPartitions, assignedPartitions } from './assigned-partitions.ts'
export { createGroupCoordinator, type GroupCoordinatorOptions } from './coordinator.ts'
export { fixedGroupConfig, type GroupConfig, groupConfig } from './group-config.ts'
export { OFFSETS_TOPIC_NAME } from './offsets-topic.ts'
export { partitionFor } from './partition-for.ts'
export type {
  CommitAnswer,
  CommitRequest,
  CommittedOffset,
  FetchOffsetsAnswer,
  GroupActivityView,
  GroupCoordinator,
  GroupCounters,
  GroupListing,
  GroupState,
  GroupView,
  HeartbeatRequest,
  JoinAnswer,
  JoinRequest,
  LeaveAnswer,
  LeavingMember,
  MemberProtocol,
  MemberView,
  SyncAnswer,
  SyncRequest,
} from './port.ts'
