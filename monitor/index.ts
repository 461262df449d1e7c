export {
  type BrokerAddress,
  type Monitor,
  MonitorDirectoryInUseError,
  type MonitorOptions,
  startMonitor,
} from './monitor.ts'
