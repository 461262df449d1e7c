export {
  type BrokerConfig,
  type BrokerConfigOptions,
  type BrokerConfigValues,
  type BrokerFact,
  createBrokerConfig,
} from './broker-config.ts'
export { brokerConfigs } from './broker-configs.ts'
export { renderConfigurationDoc } from './configuration-doc.ts'
export { type ControlPlaneOptions, createControlPlane } from './control-plane.ts'
export { assignmentFault } from './decide/assignment.ts'
export {
  type ConfigEntry,
  type ConfigSource,
  type ConfigSynonymEntry,
  describeBrokerConfigs,
  describeClusterWideConfigs,
  describeTopicConfigs,
} from './describe-configs.ts'
export type { EffectiveTopicConfig } from './effective-topic-config.ts'
export { systemActor } from './history-record.ts'
export { openLogHistory } from './log-history.ts'
export type {
  Actor,
  AlterMode,
  ClusterState,
  Command,
  ConfigChange,
  ControlPlane,
  CreateTopic,
  DeleteRecords,
  DeleteTopic,
  ExecuteOptions,
  OpenPurge,
  Outcome,
  Topic,
} from './port.ts'
export { replayHistory } from './replay.ts'
export { topicConfigs } from './topic-configs.ts'
export { isReservedTopicName, topicNameFault } from './topic-name.ts'
