export type { Alert, AlertState } from './alert.ts'
export type { EvaluatedGroup } from './evaluated-group.ts'
export type { EvaluatedRule } from './evaluated-rule.ts'
export { remoteRuleStorage } from './remote-storage.ts'
export {
  type AlertingRule,
  parseRuleFile,
  type RuleFault,
  RuleFileError,
  type RuleGroup,
} from './rule-file.ts'
export { followRuleFiles, readRuleFiles } from './rule-files.ts'
export { RuleManager } from './rule-manager.ts'
export { RULE_SOURCES, type RuleSource, RuleSources } from './rule-sources.ts'
export { storeRuleStorage } from './store-storage.ts'
export { notificationTemplateFault, renderNotification } from './template/notification-template.ts'
export { runRuleTests } from './unit-test/run-rule-tests.ts'
export { parseRuleTestFile, RuleTestFileError } from './unit-test/test-file.ts'
