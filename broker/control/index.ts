export {
  type BrokerConfig,
  type BrokerConfigOptions,
  type BrokerConfigValues,
  type BrokerFact,
  createBrokerConfig,
} from './broker-config.ts'
export { brokerConfigs } from './broker-configs.ts'
export type { EffectiveTopicConfig } from './effective-topic-config.ts'
export type {
  Actor,
  AlterMode,
  ClusterState,
  Command,
  ConfigChange,
  ControlPlane,
  CreateTopic,
  DeleteRecords,
  ExecuteOptions,
  OpenPurge,
  Outcome,
  Topic,
} from './port.ts'
export { topicConfigs } from './topic-configs.ts'
export { isReservedTopicName, topicNameFault } from './topic-name.ts'
