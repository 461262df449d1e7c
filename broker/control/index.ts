export {
  ACL_OPERATIONS,
  ACL_PERMISSIONS,
  ACL_RESOURCE_TYPES,
  type AccessDecision,
  type AclBinding,
  type AclOperation,
  type AclPermission,
  type AclResourceType,
  type Authorizer,
  aclId,
  BUILT_IN_ROLES,
  CLUSTER_RESOURCE_NAME,
  DENIED_ERRORS,
  openAuthorizer,
  PATTERN_TYPES,
  type PatternType,
  type Requester,
  type RoleRule,
} from './access.ts'
export type { Actor } from './actor.ts'
export { AUDIT_TOPIC } from './audit-topic.ts'
export { LATEST_BACKUP, RESTORED_BACKUP } from './backup-resources.ts'
export {
  type BrokerConfig,
  type BrokerConfigOptions,
  type BrokerConfigValues,
  type BrokerFact,
  createBrokerConfig,
} from './broker-config.ts'
export { brokerConfigs } from './broker-configs.ts'
export { type ClientMatch, compileClientMatch } from './client-metrics/client-match.ts'
export {
  ALL_CLIENT_METRICS,
  CLIENT_ATTRIBUTES,
  type ClientAttribute,
  clientMetricsConfigs,
} from './client-metrics/client-metrics-configs.ts'
export type {
  AlterAccount,
  AlterClientQuota,
  AlterListener,
  AlterMode,
  AlterTopicQuota,
  BackupPhase,
  Command,
  ConfigChange,
  CreateAccount,
  CreateAcl,
  CreateBackup,
  CreatePartitions,
  CreateTopic,
  DeleteAcl,
  DeleteGroup,
  DeleteGroupOffsets,
  DeleteRecords,
  DeleteScramCredential,
  DeleteTopic,
  PersonalData,
  ResetGroupOffsets,
  RestoreBackup,
  RestoreTopic,
  UpsertScramCredential,
} from './commands.ts'
export { renderConfigurationDoc } from './configuration-doc.ts'
export { type ControlPlaneOptions, createControlPlane } from './control-plane.ts'
export { assignmentFault } from './decide/assignment.ts'
export {
  type ConfigEntry,
  type ConfigSource,
  type ConfigSynonymEntry,
  describeBrokerConfigs,
  describeClientMetricsConfigs,
  describeClusterWideConfigs,
  describeTopicConfigs,
} from './describe-configs.ts'
export {
  DEFAULT_DISK_POLICY,
  DISK_POLICY_BOUNDS,
  DISK_POLICY_DRIVERS,
  DISK_POLICY_MODES,
  type DiskPolicy,
  type DiskPolicyDriver,
  type DiskPolicyMode,
} from './disk-policy.ts'
export type { ContactPoint } from './documents/contact-point.ts'
export {
  CONTACT_SECRET_NAME,
  MAX_CONTACT_SECRET_BYTES,
  MAX_CONTACT_SECRETS,
} from './documents/contact-point.ts'
export { MAX_RULES, type RuleGroup } from './documents/rule-group.ts'
export type { EffectiveTopicConfig } from './effective-topic-config.ts'
export { EVENTS_TOPIC } from './events-topic.ts'
export { replayHistory } from './fold/replay.ts'
export type {
  GroupAnswer,
  GroupAppend,
  GroupChange,
  GroupChanges,
  GroupCommand,
} from './group-changes.ts'
export { systemActor } from './history-record.ts'
export type {
  Account,
  ApiToken,
  DelegationToken,
  Role,
  ScramCredential,
  ScramMechanism,
  SecretReference,
  User,
} from './identities.ts'
export { SCRAM_MECHANISMS, UNKNOWN_NAME } from './identities.ts'
export type {
  ListenerChanges,
  ListenerOverride,
  ListenerOverrides,
  ListenerSettings,
  PlanListeners,
  PlannedListeners,
  PreparedListeners,
} from './listeners.ts'
export { openLogHistory } from './log-history.ts'
export type { Observation } from './observations/observation.ts'
export { type Operation, operationKinds, operationOf, operations } from './operations.ts'
export type {
  Attempt,
  ClusterState,
  ControlPlane,
  DeletedTopic,
  ExecuteOptions,
  OpenPurge,
  Outcome,
  SecretReader,
  Topic,
} from './port.ts'
export {
  CLIENT_QUOTA_KEYS,
  type ClientQuota,
  IP_QUOTA_KEYS,
  QUOTA_KEYS,
  type QuotaEntity,
  type QuotaKey,
  quotaEntityKey,
  type TopicQuota,
} from './quotas.ts'
export { removalOfAccount } from './removal-of-account.ts'
export {
  REPORT_BOUNDS,
  type ReportedKind,
  type ReportedOperations,
  reportedKinds,
} from './reported-operations.ts'
export type { RewindAnswer, RewindRequest, RewoundStep } from './rewind/rewind-request.ts'
export { decodeScramSecret, type ScramSecret } from './secrets/scram-secret.ts'
export { givenSecretKey, type SecretKeySource, secretKeyFile } from './secrets/secret-key.ts'
export { topicConfigs } from './topic-configs.ts'
export { isReservedTopicName, topicNameFault } from './topic-name.ts'
