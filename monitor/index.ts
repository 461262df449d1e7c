export { AlertingFileError } from './alerts.ts'
export { type DiskForecast, forecast, type UsagePoint } from './disk/index.ts'
export {
  type BrokerAddress,
  type Monitor,
  MonitorDirectoryInUseError,
  type MonitorOptions,
  startMonitor,
} from './monitor.ts'
export {
  parseRuleTestFile,
  RuleFileError,
  RuleTestFileError,
  readRuleFiles,
  runRuleTests,
} from './rules/index.ts'
