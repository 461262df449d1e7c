export { AlertingFileError } from './alerts.ts'
export { DEFAULT_RULE_FILES } from './default-rules/index.ts'
export { type DiskForecast, forecast, type UsagePoint } from './disk/index.ts'
export type { BrokerAddress } from './follow-broker.ts'
export { CHECKS, type Check, FindingsVersionError, ScheduleError } from './inspections/index.ts'
export type { DiskSettings } from './keep-disk.ts'
export { listMonitorFamilies } from './list-families.ts'
export {
  type Monitor,
  MonitorDirectoryInUseError,
  type MonitorOptions,
  startMonitor,
} from './monitor.ts'
export {
  type AlertingRule,
  parseRuleTestFile,
  RuleFileError,
  type RuleGroup,
  RuleTestFileError,
  readRuleFiles,
  runRuleTests,
} from './rules/index.ts'
