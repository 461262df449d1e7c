export type {
  Actor,
  ClusterState,
  Command,
  ConfigChange,
  ControlPlane,
  ExecuteOptions,
  Outcome,
  Topic,
} from './port.ts'
